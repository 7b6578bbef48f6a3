const SHOWN_MODELS = ["sim-chat"] as const;

/** One `model` object. Source: https://platform.claude.com/docs/en/api/models/list */
export function modelObject(id: string): object {
  return { type: "model", id, display_name: id, created_at: "2026-01-01T00:00:00Z" };
}

/** The page of the models that exist. */
export function modelPageJson(models: readonly string[] = SHOWN_MODELS): string {
  const ends = { first_id: models[0] ?? null, last_id: models.at(-1) ?? null };
  return JSON.stringify({ data: models.map(modelObject), has_more: false, ...ends });
}
