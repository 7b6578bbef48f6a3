import { newId } from "@alfred/ids";
import { describe, expect, test } from "vitest";
import { identify, recordId, reservationScope } from "./request-identity.ts";

const call = { requestId: "r", idempotent: true, clientRequestId: "", tags: {} };

describe("the identity of a request", () => {
  test("is the caller's, or minted", () => {
    expect(identify(call, "chat", () => "{}", () => "new").requestId).toBe("r");
    expect(identify({ ...call, requestId: "" }, "chat", () => "{}", () => "new").requestId).toBe("new");
    expect(identify(undefined, "chat", () => "{}", () => "new")).toEqual({ requestId: "new", fingerprint: "" });
  });

  test("tells bodies and operations apart where it may be repeated", () => {
    const print = (operation: string, body: string) => identify(call, operation, () => body, () => "new").fingerprint;
    expect(print("chat", "{}")).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set([print("chat", "{}"), print("chat", "{ }"), print("embedding", "{}")]).size).toBe(3);
    expect(identify({ ...call, idempotent: false }, "chat", () => "{}", () => "new").fingerprint).toBe("");
  });

  test("is another one for another key, and fits the wallet", () => {
    expect(reservationScope("key_1", "r")).not.toBe(reservationScope("key_2", "r"));
    const long = reservationScope(newId("key"), "x".repeat(128));
    expect(long.length).toBeLessThanOrEqual(120);
    expect(long).not.toBe(reservationScope(newId("key"), "y".repeat(128)));
  });

  test("is in each record's id, with the key where others could have chosen the same", () => {
    const minted = newId("req");
    expect(recordId("key_1", minted, 0, 2)).toBe(`${minted}/2`);
    expect(recordId("key_1", `req_${"a".repeat(40)}`, 0, 1)).toBe(`req_${"a".repeat(40)}/1`);
    expect(recordId("key_1", "mine", 0, 1)).toBe("key_1/mine/1");
    expect(recordId("key_1", "mine", 1, 1)).toBe("key_1/mine/2.1");
  });
});
