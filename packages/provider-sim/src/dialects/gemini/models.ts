const SHOWN_MODELS = ["sim-chat", "sim-embedding"] as const;

/** One `Model`. Source: https://ai.google.dev/api/models */
export function modelObject(id: string): object {
  return {
    name: `models/${id}`,
    version: "001",
    displayName: id,
    inputTokenLimit: 1_048_576,
    outputTokenLimit: 65_536,
    supportedGenerationMethods: ["generateContent", "embedContent"],
  };
}

/** The page of the models that exist. */
export function modelPageJson(models: readonly string[] = SHOWN_MODELS): string {
  return JSON.stringify({ models: models.map(modelObject) });
}
