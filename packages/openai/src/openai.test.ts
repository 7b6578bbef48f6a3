import { readFileSync } from "node:fs";
import { Receipt } from "@alfred/contracts";
import { AlfredError } from "@alfred/errors";
import { describe, expect, test } from "vitest";
import {
  parseJson,
  readChatChunk,
  readChatCompletion,
  readChatRequest,
  readEmbeddingList,
  readEmbeddingRequest,
  writeChatChunk,
  writeChatCompletion,
  writeChatRequest,
  writeEmbeddingList,
  writeEmbeddingRequest,
} from "./index.ts";

/** Every field that OpenAI's reference of chat completions names, and some that it does not. */
const FULL_CHAT = readFileSync(new URL("../tests/full-chat.json", import.meta.url), "utf8");

describe("a chat request", () => {
  test("comes out as it went in, unknown fields, nulls, empty lists and large integers included", () => {
    const { chat } = readChatRequest(parseJson(FULL_CHAT));
    const written = JSON.stringify(writeChatRequest(chat, { model: "gpt-4o", stream: true }));
    expect(JSON.parse(written)).toEqual(JSON.parse(FULL_CHAT));
    expect(written).toContain("9007199254740993");
    expect(written).toContain("18446744073709551615");
  });

  test("types what the gateway reads", () => {
    const { chat, stream } = readChatRequest(parseJson(FULL_CHAT));
    expect(stream).toBe(true);
    expect(chat.maxCompletionTokens).toBe(256);
    expect(chat.seed).toBe(9007199254740993n);
    expect(chat.messages[1]?.content?.$case).toBe("parts");
    expect(chat.tools[0]?.function?.parameters).toContain('"type":"object"');
  });

  test.each([
    [{ model: "m" }, "messages"],
    [{ messages: [{ role: "user", content: "hi" }] }, "model"],
    [{ model: 7, messages: [{ role: "user", content: "hi" }] }, "model"],
    [{ model: "m", messages: [{ content: "hi" }] }, "messages[0].role"],
    [{ model: "m", messages: [{ role: "user", content: 1 }] }, "messages[0].content"],
    [{ model: "m", messages: [{ role: "user", content: [{ type: 1 }] }] }, "messages[0].content[0].type"],
    [{ model: "m", messages: "hi" }, "messages"],
    [parseJson(`{"model":"m","messages":[{"role":"user","content":"hi"}],"seed":${"1".repeat(100_000)}}`), "seed"],
    [parseJson('{"model":"m","messages":[{"role":"user","content":"hi"}],"seed":9223372036854775808}'), "seed"],
    [{ model: "m", messages: [{ role: "user", content: "hi" }], metadata: { a: 1 } }, "metadata.a"],
    [{ model: "m", messages: [{ role: "user", content: "hi" }], temperature: "warm" }, "temperature"],
    [{ model: "m", messages: [{ role: "user", content: "hi" }], stream: "yes" }, "stream"],
    [{ model: "m", messages: [{ role: "user", content: "hi" }], n: 0 }, "n"],
    [{ model: "m", messages: [{ role: "user", content: "hi" }], max_tokens: -1 }, "max_tokens"],
    [{ model: "m", messages: [{ role: "user", content: "hi" }], max_tokens: 1.5 }, "max_tokens"],
    [{ model: "m", messages: [{ role: "user", content: "hi" }], tools: [{ type: "function", function: 1 }] }, "tools[0].function"],
  ])("of the wrong form is refused by the field's name: %j", (body, field) => {
    expect(refusal(() => readChatRequest(body)).metadata["field"]).toBe(field);
  });

  test.each([null, [], "text", 5])("must be an object: %j", (body) => {
    expect(refusal(() => readChatRequest(body)).message).toContain("JSON object");
  });
});

describe("an answer", () => {
  test.each([
    { id: "a", object: "chat.completion", created: 1, model: "m", choices: [{ index: 0, message: { role: "assistant", content: null, tool_calls: [{ id: "c", type: "function", function: { name: "f", arguments: "{\"a\":" } }], annotations: [] }, logprobs: null, finish_reason: "tool_calls" }], usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3, completion_tokens_details: { reasoning_tokens: 0, novel: 9 } }, system_fingerprint: null, novel: { deep: [1, null] } },
    { id: "a", object: "chat.completion", created: 1, model: "m", choices: [{ index: 0, message: { role: "assistant", content: "hi", refusal: null }, logprobs: { content: [{ token: "hi", logprob: -0.5, bytes: null, top_logprobs: [] }] }, finish_reason: "stop" }] },
  ])("comes out as it went in", (body) => {
    expect(writeChatCompletion(readChatCompletion(body))).toEqual(body);
  });

  test("keeps what has another form than it should", () => {
    const body = { id: "a", object: "chat.completion", created: 1, model: "m", choices: [{ index: 0, message: { role: "assistant", content: 5 }, finish_reason: null }], usage: "many" };
    expect(writeChatCompletion(readChatCompletion(body))).toEqual(body);
  });
});

describe("a chunk", () => {
  test.each([
    { id: "a", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta: { role: "assistant", content: "" }, finish_reason: null }], usage: null, obfuscation: "x" },
    { id: "a", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta: {}, logprobs: null, finish_reason: "stop" }] },
    { id: "a", object: "chat.completion.chunk", created: 1, model: "m", choices: [], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } },
    { id: "a", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta: { tool_calls: [{ index: 0, function: { arguments: "{" } }] }, finish_reason: null }] },
  ])("comes out as it went in", (body) => {
    expect(writeChatChunk(readChatChunk(body))).toEqual(body);
  });

  test("tells its cost in dollars", () => {
    const chunk = readChatChunk({ id: "a", object: "chat.completion.chunk", created: 1, model: "m", choices: [] });
    const alfred = { requestId: "req_1", cost: { unit: 1, value: 1_250n }, remaining: undefined, provider: "p", model: "m", attempts: 1, usageSource: 1, cutReason: "" } as const;
    const written = writeChatChunk({ ...chunk, alfred: { ...alfred, warnings: [], attemptsDetail: [], routeRule: undefined, arm: undefined } });
    expect(written).toMatchObject({ alfred: { cost_usd: "0.00000125", usage_source: "reported" } });
    expect(JSON.stringify(written)).not.toMatch(/cut_reason|warnings|attempts_detail|route_rule|experiment/);
  });

  test("tells why it is short, which rule sent it where, and which soft limits are passed", () => {
    const chunk = readChatChunk({ id: "a", object: "chat.completion.chunk", created: 1, model: "m", choices: [] });
    const dollars = { accountId: "team_1", unit: 1, period: 3, soft: 5_000_000_000n, posted: 5_250_000_000n, resetTime: new Date(0) } as const;
    const tokens = { accountId: "key_1", unit: 2, period: 4, soft: 7n, posted: 8n, resetTime: undefined } as const;
    const alfred = Receipt.create({ cutReason: "budget_exhausted", warnings: [dollars, tokens], routeRule: { id: "smart", version: 3n }, arm: { experiment: "trial", arm: "control" } });
    expect(writeChatChunk({ ...chunk, alfred })).toMatchObject({
      alfred: {
        cut_reason: "budget_exhausted",
        route_rule: { id: "smart", version: 3 },
        experiment: { name: "trial", arm: "control" },
        warnings: [
          { account: "team_1", unit: "usd", period: "month", soft: "5", spent: "5.25", reset: "1970-01-01T00:00:00.000Z" },
          { account: "key_1", unit: "tokens", period: "none", soft: "7", spent: "8" },
        ],
      },
    });
  });
});

describe("embeddings", () => {
  test.each(["one", ["one", "two"], [1, 2, 3], [[1, 2], [3]]])("take OpenAI's four forms of input: %j", (input) => {
    const body = { model: "e", input, encoding_format: "float", novel: 1 };
    expect(writeEmbeddingRequest(readEmbeddingRequest(body), { model: "e" })).toEqual(body);
  });

  test.each(["", [], [1, "a"], [["a"]], { a: 1 }, null])("refuse other input: %j", (input) => {
    expect(refusal(() => readEmbeddingRequest({ model: "e", input })).metadata["field"]).toMatch(/^input/);
  });

  test.each(["AACAPw==", [0.1, -0.006929283495992422]])("come out as they went in: %j", (embedding) => {
    const body = { object: "list", data: [{ object: "embedding", index: 0, embedding }], model: "e", usage: { prompt_tokens: 1, total_tokens: 1 } };
    expect(writeEmbeddingList(readEmbeddingList(body))).toEqual(body);
  });
});

function refusal(read: () => unknown): AlfredError {
  try {
    read();
  } catch (error) {
    if (error instanceof AlfredError) return error;
  }
  throw new Error("was not refused");
}
