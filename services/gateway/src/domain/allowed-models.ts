/**
 * Whether a key may use a model by the name that the client asked for: an empty list allows all, an entry is an exact
 * name or a beginning followed by `*`. Only the name asked for counts, so an alias of an allowed model is not allowed.
 */
export function mayUse(allowed: readonly string[], model: string): boolean {
  return allowed.length === 0 || allowed.some((entry) => fits(entry, model));
}

function fits(entry: string, model: string): boolean {
  return entry.endsWith("*") ? model.startsWith(entry.slice(0, -1)) : entry === model;
}
