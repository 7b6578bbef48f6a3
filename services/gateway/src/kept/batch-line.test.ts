import { AlfredError } from "@alfred/errors";
import { expect, test } from "vitest";
import { readBatchLine } from "./batch-line.ts";

const BODIES: Readonly<Record<string, object>> = {
  "/v1/chat/completions": { model: "gpt-4o-mini", messages: [{ role: "user", content: "Hello" }] },
  "/v1/responses": { model: "gpt-4o-mini", input: "Hello", store: false },
  "/v1/completions": { model: "gpt-3.5-turbo-instruct", prompt: "Hello" },
};

function read(endpoint: string, more: object): unknown {
  const text = JSON.stringify({ custom_id: "1", method: "POST", url: endpoint, body: { ...BODIES[endpoint], ...more } });
  try {
    return readBatchLine({ number: 3, text }, endpoint).customId;
  } catch (error) {
    return error instanceof AlfredError ? { code: error.code, message: error.message, line: error.metadata["line"] } : error;
  }
}

test.each(Object.keys(BODIES))("a line of %s that asks for a stream is refused when the batch is made, since its provider would refuse it a day later", (endpoint) => {
  const refusal = { code: "INVALID_ARGUMENT", message: "Line 3 of the input file asks for a stream: `body.stream`.", line: "3" };
  expect(read(endpoint, { stream: true })).toEqual(refusal);
  expect(read(endpoint, { stream: true, stream_options: { include_usage: true } })).toEqual(refusal);
  expect(read(endpoint, { stream: false })).toBe("1");
});
