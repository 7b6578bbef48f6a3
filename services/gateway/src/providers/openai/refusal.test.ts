import { describe, expect, test } from "vitest";
import { readRefusal } from "./refusal.ts";

const refused = (status: number, json: unknown) => readRefusal(status, JSON.stringify(json));

describe("a refusal", () => {
  test.each([
    // Source: https://platform.openai.com/docs/guides/error-codes
    ["OpenAI's", 400, { error: { message: "No.", type: "invalid_request_error", param: "foo", code: null } }, { message: "No.", param: "foo", code: "invalid_request_error" }],
    ["OpenAI's, of money", 429, { error: { message: "You exceeded your current quota.", type: "insufficient_quota", param: null, code: "insufficient_quota" } }, { code: "insufficient_quota" }],
    // Source: https://learn.microsoft.com/azure/ai-services/openai/concepts/content-filter
    ["Azure's filter", 400, { error: { message: "Filtered.", type: null, param: "prompt", code: "content_filter", status: 400, innererror: {} } }, { param: "prompt", code: "content_filter" }],
    // Source: https://docs.mistral.ai/api
    ["Mistral's", 400, { object: "error", message: "Bad.", type: "invalid_request_message_order", param: null, code: "3230" }, { message: "Bad.", code: "3230" }],
    ["Mistral's, of a field", 422, { detail: [{ type: "extra_forbidden", loc: ["body", "messages", 0, "x"], msg: "Extra inputs are not permitted" }] }, { message: "messages.0.x: Extra inputs are not permitted", param: "messages.0.x", code: "extra_forbidden" }],
    ["Mistral's, of a key", 401, { detail: "Unauthorized" }, { message: "Unauthorized", code: "" }],
    // Source: https://docs.perplexity.ai/guides/error-handling
    ["Perplexity's", 400, { error: { message: "Invalid model.", type: "invalid_model", code: 400 } }, { message: "Invalid model.", code: "400" }],
    // Source: https://docs.ollama.com/api/errors
    ["Ollama's", 404, { error: "model 'x' not found" }, { message: "model 'x' not found", code: "" }],
  ])("of %s is read", (_, status, json, expected) => expect(refused(status, json)).toMatchObject({ status, ...expected }));

  test.each([
    [400, { error: { message: "Too long.", code: "context_length_exceeded" } }],
    [400, { error: { message: "This model's maximum context length is 8192 tokens.", type: "BadRequestError", code: 400 } }],
    [400, { object: "error", message: "Prompt contains 40000 tokens, too large for model with 32768 maximum context length", code: "3051" }],
  ])("of a prompt that is too long is known by one name, and may be no fault elsewhere: %i %j", (status, json) => {
    expect(refused(status, json)).toMatchObject({ code: "context_length_exceeded", isRequestsFault: false });
  });

  test("of what is more than the account has for a minute is no limit that passes", () => {
    const message = "Request too large for gpt-4o in organization org-1 on tokens per min (TPM): Limit 30000, Requested 36278. The input or output tokens must be reduced in order to run successfully.";
    const error = { message, type: "tokens", param: null, code: "rate_limit_exceeded" };
    expect(refused(429, { error })).toMatchObject({ status: 413, code: "rate_limit_exceeded", isRequestsFault: false });
    expect(refused(429, { error: { ...error, message: "Rate limit reached for gpt-4o on tokens per min (TPM): Limit 30000, Used 18928, Requested 11159." } }).status).toBe(429);
  });

  test("for want of room at Groq passes", () => expect(refused(498, { error: { message: "Flex tier capacity exceeded." } }).status).toBe(503));

  test.each(["", "<html>", "null", "[]", "{}", '{"error":null}'])("that cannot be read keeps its status: %j", (text) => {
    expect(readRefusal(502, text)).toMatchObject({ status: 502, message: "", code: "", isRequestsFault: false });
  });
});
