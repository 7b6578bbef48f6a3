import { ModelPrice } from "@alfred/contracts";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Strategy, STRATEGIES, orderCandidates } from "./candidate-order.ts";
import type { Route } from "./route.ts";
import { Targets } from "./targets.ts";

const meter = (name: string, nanos: bigint) => ({ meter: name, nanos, per: 1n, tiers: [] });
const routeTo = (id: string, weight?: number, price?: ModelPrice): Route =>
  ({ upstream: { id, kind: "openai", baseUrl: "https://x.test", secret: "", priceBook: "openai" }, model: "m", price, weight });

/** Numbers that look drawn, the same each time. */
function drawer(seed = 1): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

function order(routes: readonly Route[], { strategy = "weighted", targets = new Targets(), random = () => 0 }: { strategy?: Strategy; targets?: Targets; random?: () => number } = {}): string[] {
  return orderCandidates(routes, { strategy, targets, streamed: true, nowMs: 1_000, random }).map(({ upstream }) => upstream.id);
}

describe("candidates", () => {
  test("come first as often as their weights say, one of no weight last", () => {
    const random = drawer();
    const firsts = Array.from({ length: 4_000 }, () => order([routeTo("a", 3), routeTo("b"), routeTo("spare", 0)], { random }));
    const share = firsts.filter(([first]) => first === "a").length / firsts.length;
    expect(share).toBeGreaterThan(0.72);
    expect(share).toBeLessThan(0.78);
    expect(firsts.every((each) => each.at(-1) === "spare")).toBe(true);
  });

  test("that cool down come last, though others have no weight", () => {
    const targets = new Targets();
    const target = targets.of("a", "m");
    target.failed(target.begun(1_000), { reason: "", retryAfterMs: 5_000, isLasting: false }, 1_000);
    expect(order([routeTo("a"), routeTo("b", 0), routeTo("c")], { targets })).toEqual(["c", "b", "a"]);
  });

  test.each(STRATEGIES)("that worked again only lately are put off at first, whatever counts: %s", (strategy) => {
    const targets = new Targets();
    const target = targets.of("a", "m");
    target.failed(target.begun(-5_000), { reason: "", isLasting: true }, -5_000);
    for (const atMs of [-4_000, -4_000, -4_000]) target.answered(target.begun(atMs), true, 1, atMs);
    const random = drawer();
    const firsts = Array.from({ length: 2_000 }, () => order([routeTo("a", 1, ModelPrice.create({ free: true })), routeTo("b", 0)], { targets, random, strategy })[0]);
    // Five of thirty seconds are over.
    expect(firsts.filter((first) => first === "a").length / firsts.length).toBeCloseTo(1 / 6, 1);
  });

  test("come by how much they have to do", () => {
    const targets = new Targets();
    const [first, second] = ["a", "a", "b"].map((id) => targets.of(id, "m").begun(0));
    for (const call of [first, second]) if (call !== undefined) targets.of("a", "m").ended(call);
    expect(order([routeTo("b"), routeTo("a")], { targets, strategy: "least_busy" })).toEqual(["a", "b"]);
  });

  test("come by what they cost, those without a price last", () => {
    const [cheap, dear] = [1n, 2n].map((nanos) => ModelPrice.create({ meters: [meter("input_tokens", nanos), meter("output_tokens", nanos)] }));
    const routes = [routeTo("unknown"), routeTo("dear", 1, dear), routeTo("cheap", 1, cheap), routeTo("free", 1, ModelPrice.create({ free: true }))];
    expect(order(routes, { strategy: "cheapest" })).toEqual(["free", "cheap", "dear", "unknown"]);
  });

  test("come by how soon they begin to answer, those not heard of lately first", () => {
    const targets = new Targets();
    for (const [id, ms] of [["slow", 900], ["fast", 90]] as const) targets.of(id, "m").answered(targets.of(id, "m").begun(0), true, ms, 1_000);
    expect(order([routeTo("slow"), routeTo("fast"), routeTo("new")], { targets, strategy: "fastest" })).toEqual(["new", "fast", "slow"]);
  });

  test("are each there once, in the same order for the same numbers drawn", () => {
    const weights = fc.array(fc.option(fc.integer({ min: 0, max: 1_000 }), { nil: undefined }), { maxLength: 8 });
    fc.assert(fc.property(weights, fc.constantFrom(...STRATEGIES), fc.integer({ min: 1, max: 1_000_000 }), (each, strategy, seed) => {
      const routes = each.map((weight, index) => routeTo(String(index), weight));
      const one = order(routes, { strategy, random: drawer(seed) });
      expect(one.toSorted()).toEqual(routes.map(({ upstream }) => upstream.id).toSorted());
      expect(order(routes, { strategy, random: drawer(seed) })).toEqual(one);
    }));
  });
});
