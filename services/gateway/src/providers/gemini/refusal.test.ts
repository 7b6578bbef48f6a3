import { describe, expect, test } from "vitest";
import { gemini } from "./dialect.ts";

function refused(status: number, error: object) {
  return gemini.readRefusal(status, JSON.stringify({ error: { code: status, ...error } }));
}

// Source: https://ai.google.dev/gemini-api/docs/troubleshooting
describe("a refusal", () => {
  test.each([
    [400, "INVALID_ARGUMENT", 400, true],
    [400, "FAILED_PRECONDITION", 403, false],
    [403, "PERMISSION_DENIED", 403, false],
    [404, "NOT_FOUND", 404, false],
    [429, "RESOURCE_EXHAUSTED", 429, false],
    [500, "INTERNAL", 500, false],
    [503, "UNAVAILABLE", 503, false],
    [504, "DEADLINE_EXCEEDED", 504, false],
  ])("with %i %s means %i", (status, code, meant, isRequestsFault) => {
    expect(refused(status, { status: code, message: "Why." })).toEqual({ status: meant, code, message: "Why.", isRequestsFault, retryAfterMs: undefined });
  });

  test("of a key concerns the operator, though it is told as a fault of the request", () => {
    const details = [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "API_KEY_INVALID", domain: "googleapis.com" }];
    expect(refused(400, { status: "INVALID_ARGUMENT", message: "API key not valid.", details })).toMatchObject({ status: 401, code: "API_KEY_INVALID", isRequestsFault: false });
  });

  test("of a prompt that is too long for this model is not the request's fault", () => {
    const message = "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).";
    expect(refused(400, { status: "INVALID_ARGUMENT", message })).toMatchObject({ code: "context_length_exceeded", isRequestsFault: false });
  });

  test.each([["38s", 38_000], ["0.25s", 250], ["soon", undefined]])("says how long to wait: %s", (retryDelay, retryAfterMs) => {
    const details = [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay }];
    expect(refused(429, { status: "RESOURCE_EXHAUSTED", details }).retryAfterMs).toBe(retryAfterMs);
  });

  test.each(["", "<html>", "[]", "null", '{"error":"x"}'])("that cannot be read keeps its status: %j", (text) => {
    expect(gemini.readRefusal(502, text)).toEqual({ status: 502, message: "", code: "", isRequestsFault: false, retryAfterMs: undefined });
  });
});
