import type { Endpoint } from "./dialect.ts";

/** An endpoint that answers the same to everybody, as a list of models; `model` is the one that has to exist for it. */
export function fixedEndpoint(name: string, model: string | null, json: string): Endpoint {
  return { name, prepare: () => ({ model, stream: false, text: "", answer: () => ({ kind: "body", json }) }) };
}
