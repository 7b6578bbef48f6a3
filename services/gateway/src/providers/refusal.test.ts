import { describe, expect, test } from "vitest";
import { readRetryAfterMs, refusalFailure } from "./refusal.ts";

const SECRET = "sk-proj-abcdefghijklmnop";
const UPSTREAM = { id: "openai", kind: "openai" as const, baseUrl: "https://api.openai.test/v1", secret: SECRET, priceBook: "openai" };

function refused(status: number, error: unknown, headers: Record<string, string> = {}) {
  return refusalFailure(UPSTREAM, { status, headers, text: typeof error === "string" ? error : JSON.stringify({ error }) });
}

describe("a refusal", () => {
  test.each([
    [400, "PROVIDER_REJECTED", false],
    [404, "PROVIDER_REJECTED", false],
    [413, "PROVIDER_REJECTED", false],
    [422, "PROVIDER_REJECTED", false],
    [401, "PROVIDER_UNAUTHENTICATED", false],
    [403, "PROVIDER_UNAUTHENTICATED", false],
    [402, "PROVIDER_UNAVAILABLE", false],
    [408, "PROVIDER_UNAVAILABLE", true],
    [409, "PROVIDER_UNAVAILABLE", true],
    [429, "PROVIDER_RATE_LIMITED", true],
    [500, "PROVIDER_UNAVAILABLE", true],
    [529, "PROVIDER_UNAVAILABLE", true],
    [302, "PROVIDER_MALFORMED", false],
  ])("with %i is %s", (status, code, retryable) => {
    const failure = refused(status, { message: "because" });
    expect(failure.error.code).toBe(code);
    expect(failure.retryable).toBe(retryable);
    expect(failure.billed).toBe("nothing");
  });

  test.each([[401, false], [402, false], [302, false], [403, true], [404, true], [405, true]])("with %i lasts, and may be the request's: %s", (status, mayBeRequests) => {
    expect(refused(status, "")).toMatchObject({ isLasting: true, mayBeRequests });
  });

  test("with 404 of a request that names what is kept says nothing of the provider", () => {
    const failure = refusalFailure(UPSTREAM, { status: 404, headers: {}, text: '{"error":{"message":"Item with id not found."}}', namesKept: true });
    expect(failure).toMatchObject({ isLasting: false, elsewhere: false, error: { code: "PROVIDER_REJECTED" } });
  });

  test("of what no pause makes fit goes elsewhere at once, and says nothing of the provider", () => {
    const failure = refused(429, { message: "Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 36278.", type: "tokens", code: "rate_limit_exceeded" });
    expect(failure).toMatchObject({ retryable: false, elsewhere: true, isLasting: false, error: { code: "PROVIDER_REJECTED", metadata: { status: "429", code: "rate_limit_exceeded" } } });
  });

  test("keeps the provider's message, param and code", () => {
    const { error } = refused(400, { message: "Unknown parameter: 'foo'.", param: "foo", code: "unknown_parameter" });
    expect(error.message).toBe("Unknown parameter: 'foo'.");
    expect(error.metadata).toEqual({ provider: "openai", status: "400", param: "foo", code: "unknown_parameter" });
  });

  test("passes on no key and no account of the operator's", () => {
    const { error } = refused(400, { message: `Key ${SECRET} of org-A1b2C3d4 and sk-*******mnop is odd.\nSee.` });
    expect(error.message).toBe("Key [hidden] of [hidden] and [hidden] is odd. See.");
    expect(refused(401, { message: `Incorrect API key provided: ${SECRET}` }).error.message).not.toContain("abcdef");
  });

  test.each([["a page", "<html>nope</html>"], ["nothing", ""]])("with %s instead of an error still says the status", (_, text) => {
    expect(refused(400, text).error.message).toBe("The provider openai answered 400.");
    expect(refused(503, text).error.code).toBe("PROVIDER_UNAVAILABLE");
    expect(refused(404, text).error.code).toBe("PROVIDER_MALFORMED");
  });

  test("that says not to try again is not tried again", () => {
    expect(refused(500, {}, { "x-should-retry": "false" }).retryable).toBe(false);
  });
});

describe("the pause that a provider asks for", () => {
  const now = Date.parse("2026-11-21T12:00:00Z");
  test.each([
    [{ "retry-after": "2" }, 2_000],
    [{ "retry-after": "0.5" }, 500],
    [{ "retry-after-ms": "150", "retry-after": "2" }, 150],
    [{ "retry-after": "Sat, 21 Nov 2026 12:00:03 GMT" }, 3_000],
    [{ "retry-after": "Sat, 21 Nov 2026 11:00:00 GMT" }, 0],
    [{ "retry-after": "soon" }, undefined],
    [{ "retry-after-ms": "Infinity", "retry-after": "2" }, 2_000],
    [{ "retry-after": "1e999" }, undefined],
    [{}, undefined],
  ])("of %j is %s ms", (headers, expected) => expect(readRetryAfterMs(headers, now)).toBe(expected));
});
