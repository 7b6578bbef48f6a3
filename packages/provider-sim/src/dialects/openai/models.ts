/** What `GET /v1/models` lists when the simulator takes any model. */
const SHOWN_MODELS = ["sim-chat", "sim-embedding"] as const;

/** 1 January 2026, the birthday of every simulated model, in seconds. */
const CREATED_S = 1_767_225_600;

/** One OpenAI `model` object. */
export function modelJson(id: string): string {
  return JSON.stringify({ id, object: "model", created: CREATED_S, owned_by: "provider-sim" });
}

/** OpenAI's `list` of the models that exist. */
export function modelListJson(models: readonly string[] = SHOWN_MODELS): string {
  return `{"object":"list","data":[${models.map(modelJson).join(",")}]}`;
}
