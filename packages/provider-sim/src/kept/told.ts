import type { Answer, Call, Endpoint, Stamp } from "../dialect.ts";

/** An endpoint that answers with JSON and asks no model. */
export function told(name: string, write: (call: Call, stamp: Stamp) => object): Endpoint {
  const answer = (call: Call, stamp: Stamp): Answer => ({ kind: "body", json: JSON.stringify(write(call, stamp)) });
  return { name, prepare: (call) => ({ model: null, stream: false, text: "", answer: (_behaviour, stamp) => answer(call, stamp) }) };
}
