import { describe, expect, it } from "vitest";
import { ActiveGateways } from "./active-gateways.ts";

describe("ActiveGateways", () => {
  it("counts each gateway once per account, and at least one", () => {
    const active = new ActiveGateways(() => 0);
    active.note("one", ["key", "org"]);
    active.note("one", ["key", "org"]);
    active.note("other", ["org"]);
    expect([active.count("key"), active.count("org"), active.count("elsewhere")]).toEqual([1, 2, 1]);
  });

  it("forgets who was not heard of for ten to twenty seconds", () => {
    let nowMs = 0;
    const active = new ActiveGateways(() => nowMs);
    active.note("one", ["org"]);
    active.note("other", ["org"]);
    nowMs = 10_000;
    active.note("other", ["org"]);
    expect(active.count("org")).toBe(2);
    nowMs = 20_000;
    expect(active.count("org")).toBe(1);
    nowMs = 40_000;
    expect(active.count("org")).toBe(1);
  });
});
