import { expect, test } from "vitest";
import { chatChunk } from "./chat.ts";
import { readChunk, writeChunk } from "./chunk.ts";
import { parseJson } from "./json.ts";

const USAGE = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3, queue_time: 0.1 };
const CALL = { index: 0, id: "c", type: "function", function: { name: "f", arguments: "{" } };
/** What may stand anywhere. */
const VALUES = [
  null, true, 0, -1, 1.5, 2 ** 31, "", "text", [], [null], ["text"], [{}], {}, { a: 1 }, { extra: "x" }, USAGE, [CALL], CALL,
  parseJson("12345678901234567890"), parseJson("1234567890123456789"), { content: 1 }, [{ index: "0" }], [{ delta: { content: null, tool_calls: [CALL] }, index: 1 }],
];

const CHUNK = { id: "a", object: "chat.completion.chunk", created: 1, model: "m", system_fingerprint: "fp", service_tier: "default" };
const CHOICE = { index: 0, delta: { content: "x" }, logprobs: null, finish_reason: null };
const chunkOf = (choice: object): object => ({ ...CHUNK, choices: [choice] });
const names = (...more: string[]): string[] => [...more, "usage", "alfred", "extra", "toolCalls", "__proto__", "constructor", "other"];

/** An object with one name set, whatever the name. */
function withName(base: object, name: string, value: unknown): object {
  return Object.defineProperty({ ...base }, name, { value, enumerable: true, configurable: true, writable: true });
}

/** A piece of an answer with a name set at each level in turn. */
function piecesWith(value: unknown): unknown[] {
  const ofChunk = names("id", "object", "created", "model", "choices", "system_fingerprint", "service_tier").map((name) => withName(chunkOf(CHOICE), name, value));
  const ofChoice = names("index", "delta", "finish_reason", "logprobs").map((name) => chunkOf(withName(CHOICE, name, value)));
  const ofDelta = names("role", "content", "refusal", "reasoning_content", "tool_calls", "reasoning").map((name) => chunkOf(withName(CHOICE, "delta", withName({ role: "assistant" }, name, value))));
  return [value, ...ofChunk, ...ofChoice, ...ofDelta];
}

const cases = VALUES.flatMap(piecesWith);

/** What a function gives, or that it fails. */
function resultOf(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return String(error);
  }
}

test(`${cases.length} pieces of answers are read, and written, as the table of their fields says`, () => {
  for (const json of cases) {
    const read = resultOf(() => readChunk(json));
    expect(read, JSON.stringify(json)).toEqual(resultOf(() => chatChunk.read(json, false)));
    if (typeof read !== "object") continue;
    const chunk = chatChunk.read(json, false);
    expect(JSON.stringify(writeChunk(chunk))).toBe(JSON.stringify(chatChunk.write(chunk)));
  }
});
