/** Names of models that are allowed: exact ones, and beginnings followed by `*`. */
export class ModelPatterns {
  readonly #names: ReadonlySet<string>;
  readonly #beginnings: readonly string[];

  constructor(patterns: readonly string[]) {
    this.#names = new Set(patterns.filter((pattern) => !pattern.endsWith("*")));
    this.#beginnings = patterns.filter((pattern) => pattern.endsWith("*")).map((pattern) => pattern.slice(0, -1));
  }

  allow(model: string): boolean {
    return this.#names.has(model) || this.#beginnings.some((beginning) => model.startsWith(beginning));
  }
}

/** A list of models that binds a key: its own, or that of a node above it. It is not empty: an empty one allows all. */
export interface ModelList {
  /** Whose list it is, as "key", "team" or "organisation". */
  readonly kind: string;
  /** The id of the key or node. */
  readonly id: string;
  readonly patterns: ModelPatterns;
}

/**
 * The first list that does not allow a model by the name that the client asked for, undefined where all do. Only the name
 * asked for counts: another name of an allowed model, as an alias, is not allowed with it.
 */
export function refusingList(lists: readonly ModelList[], model: string): ModelList | undefined {
  return lists.find(({ patterns }) => !patterns.allow(model));
}
