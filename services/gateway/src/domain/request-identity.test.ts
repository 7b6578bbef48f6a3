import { describe, expect, test } from "vitest";
import { identify, recordId } from "./request-identity.ts";

const call = { requestId: "r", idempotent: true, clientRequestId: "", tags: {}, routeHeaders: {} };
let minted = 0;
const mint = { requestId: () => `req_${(minted += 1)}`, nonce: () => `n${(minted += 1)}` };
const of = (fields: Partial<typeof call>, keyId = "key_1", body = "{}", operation = "chat") =>
  identify({ ...call, ...fields }, { keyId, operation }, () => body, mint);

describe("the identity of a request", () => {
  test("that may be repeated is the same each time, for its key and body", () => {
    expect(of({})).toEqual(of({}));
    expect(of({})).toMatchObject({ requestId: "r", scope: "key_1/chat/r" });
    expect(of({}).fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(of({}, "key_2").scope).not.toBe(of({}).scope);
    expect(of({}, "key_1", "{}", "embedding").scope).not.toBe(of({}).scope);
    expect(of({}, "key_1", "{ }")).toMatchObject({ scope: "key_1/chat/r" });
    expect(of({}, "key_1", "{ }").fingerprint).not.toBe(of({}).fingerprint);
  });

  test("of any other is its own, whatever id it came with", () => {
    const [one, other] = [of({ idempotent: false }), of({ idempotent: false })];
    expect(one).toMatchObject({ requestId: "r", fingerprint: "" });
    expect(one.scope).not.toBe(other.scope);
    expect(identify(undefined, { keyId: "key_1", operation: "chat" }, () => "", mint).scope).toMatch(/^req_\d+$/);
  });

  test("fits the wallet and metering, however long the id is", () => {
    const long = of({ requestId: "x".repeat(128) });
    expect(long.scope.length).toBeLessThanOrEqual(110);
    expect(long.scope).not.toBe(of({ requestId: "y".repeat(128) }).scope);
  });

  test("is in each record's id, repetitions apart", () => {
    expect(recordId("req_1", 0, 2)).toBe("req_1/2");
    expect(recordId("req_1", 1, 1)).toBe("req_1/2.1");
  });
});
