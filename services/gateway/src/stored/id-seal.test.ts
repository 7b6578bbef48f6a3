import { describe, expect, test } from "vitest";
import { IdSeal } from "./id-seal.ts";

const seal = new IdSeal(Buffer.alloc(32, 1));
const STORED = { providerId: "openai", model: "gpt-4o-mini-2024-07-18", upstreamId: `resp_${"0a".repeat(25)}`, tokens: 12_345n, answerTokens: 345n };

describe("the id of a stored response", () => {
  test("tells its organisation's gateways all that they need, and looks like OpenAI's", () => {
    const id = seal.seal(STORED, "org_1");
    expect(id).toMatch(/^resp_[\w-]{100,300}$/);
    expect(new IdSeal(Buffer.alloc(32, 1)).open(id, "org_1")).toEqual(STORED);
    expect(seal.open(seal.seal({ ...STORED, tokens: undefined }, "org_1"), "org_1")?.tokens).toBeUndefined();
  });

  test("shows nothing of what it is made of, and is another each time", () => {
    const ids = [1, 2].map(() => seal.seal(STORED, "org_1"));
    expect(ids[0]).not.toBe(ids[1]);
    for (const id of ids) expect(Buffer.from(id.slice(5), "base64url").toString("latin1")).not.toMatch(/openai|gpt|resp_|org_/);
  });

  test("is nothing to another organisation, or under another key", () => {
    const id = seal.seal(STORED, "org_1");
    expect([seal.open(id, "org_2"), seal.open(id, ""), new IdSeal(Buffer.alloc(32, 2)).open(id, "org_1")]).toEqual([undefined, undefined, undefined]);
  });

  test("is nothing once any character differs, is missing or is added", () => {
    const id = seal.seal(STORED, "org_1");
    for (let index = 0; index < id.length; index += 1) {
      const other = id[index] === "A" ? "B" : "A";
      expect(seal.open(id.slice(0, index) + other + id.slice(index + 1), "org_1"), String(index)).toBeUndefined();
      expect(seal.open(id.slice(0, index) + id.slice(index + 1), "org_1"), String(index)).toBeUndefined();
    }
    for (const text of ["", "resp_", "resp_0a0a", id.slice(5), `${id}A`, `${id}=`, `${id}\n`, `resp_${"A".repeat(100)}`, `resp_${"A".repeat(5_000)}`]) expect(seal.open(text, "org_1"), text).toBeUndefined();
  });
});
