import { Key, ModelPrice, RouteOperator, RouteRule } from "@alfred/contracts";
import { PriceBook } from "@alfred/money";
import { RuleBook } from "@alfred/routing";
import { describe, expect, test } from "vitest";
import { createRoutingTable, type ProviderKind } from "../domain/route.ts";
import { Targets } from "../domain/targets.ts";
import type { ExchangeParts } from "../exchange/parts.ts";
import { keepingOf } from "../providers/openai/keeping.ts";
import { type BatchPlan, planBatch } from "./batch-plan.ts";

/** Dollars for a million. */
const PRICES = { input_tokens: 8n, cache_read_tokens: 2n, output_tokens: 32n };

interface Case {
  readonly kind?: ProviderKind;
  readonly refused?: readonly string[];
  readonly rules?: readonly RouteRule[];
  /** Where the provider that holds the file is; another, of the same models, is in eu-1. */
  readonly region?: string;
}

/** Plans a batch of these lines at a provider. */
function plan(lines: readonly string[], { kind = "openai", refused = [], rules = [], region = "us-1" }: Case = {}): Promise<BatchPlan> {
  const upstream = { id: kind, kind, baseUrl: "https://up.test/v1", secret: "k", priceBook: kind, region };
  const deployments = [kind, "other"].flatMap((providerId) => ["m", "n"].map((model) => ({ id: `${providerId}-${model}`, model, providerId, upstreamModel: model })));
  const meters = Object.entries(PRICES).map(([meter, usd]) => ({ meter, nanos: usd * 1_000_000_000n, per: 1_000_000n, tiers: [] }));
  const prices = new PriceBook(["m", "n"].map((model) => ModelPrice.create({ provider: kind, model, meters })));
  const list = { kind: "key", id: "key_1", patterns: { allow: (model: string) => !refused.includes(model) } };
  const feeds = { routes: createRoutingTable([upstream, { ...upstream, id: "other", region: "eu-1" }], deployments, new Map()), prices, modelLists: { of: () => (refused.length === 0 ? [] : [list]) }, rules: new RuleBook(rules) };
  const parts = { feeds, strategy: "weighted", targets: new Targets(), random: () => 0, now: () => 0 } as unknown as ExchangeParts;
  const keeping = keepingOf(upstream);
  if (keeping === undefined) throw new Error(`${kind} keeps nothing`);
  const payer = { key: Key.create({ id: "key_1" }), path: { organisationId: "org_1", timeZone: "UTC", accounts: [] } };
  return planBatch(parts, { call: undefined, payer, upstream, endpoint: "/v1/chat/completions", keeping }, (async function* () { yield Buffer.from(lines.join("\n")); })());
}

const line = (id: string, fields: object = {}) =>
  JSON.stringify({ custom_id: id, method: "POST", url: "/v1/chat/completions", body: { model: "m", messages: [{ role: "user", content: "Hi" }], max_completion_tokens: 10, ...fields } });

describe("a batch is planned", () => {
  test("as the sum of what its lines can cost, at half the price", async () => {
    const [one, two] = [await plan([line("a")]), await plan([line("a"), line("b")])];
    expect([one.lines, two.lines, two.held.nanos]).toEqual([1, 2, 2n * one.held.nanos]);
    expect(one.price.meters).toMatchObject([{ meter: "input_tokens", nanos: 8_000_000_000n, per: 2_000_000n }, { meter: "cache_read_tokens" }, { meter: "output_tokens" }]);
  });

  test.each(["groq", "azure"] as const)("without a lower price for cached prompts at %s, which documents none in batches", async (kind) => {
    const { price } = await plan([line("a")], { kind });
    expect(price.meters.map(({ meter }) => meter)).toEqual(["input_tokens", "output_tokens"]);
  });

  test("and refused where its lines together could cost more than any budget can hold", async () => {
    const dear = Array.from({ length: 60 }, (_, index) => line(`${index}`, { max_completion_tokens: 1_000_000_000, n: 128 }));
    await expect(plan(dear.slice(0, 40))).resolves.toMatchObject({ lines: 40 });
    await expect(plan(dear)).rejects.toMatchObject({ code: "INVALID_ARGUMENT", metadata: { line: "49" } });
  });

  test("and refused where rules keep what it asks in a region that the file is not in, though another provider serves it there", async () => {
    const conditions = [{ field: "model", operator: RouteOperator.ROUTE_OPERATOR_EQUALS, values: ["m"] }];
    const inEurope = { field: "region", operator: RouteOperator.ROUTE_OPERATOR_PREFIX, values: ["eu-"] };
    const there = RouteRule.create({ id: "there", enabled: true, priority: 1, conditions: [...conditions, inEurope] });
    const nowhere = RouteRule.create({ id: "nowhere", enabled: true, priority: 2, conditions, deny: "In Europe alone." });
    const rules = [there, nowhere];
    await expect(plan([line("a")], { rules })).rejects.toMatchObject({ code: "MODEL_NOT_ALLOWED", message: "Line 1 of the input file: In Europe alone.", metadata: { line: "1", rule: "nowhere" } });
    await expect(plan([line("a")], { rules, region: "eu-2" })).resolves.toMatchObject({ lines: 1 });
  });

  test("and refused with the line that nobody may ask for, serves, or asks for another model", async () => {
    await expect(plan([line("a")], { refused: ["m"] })).rejects.toMatchObject({ code: "MODEL_NOT_ALLOWED", metadata: { line: "1", model: "m" } });
    await expect(plan([line("a"), line("b", { model: "n" })])).rejects.toMatchObject({ code: "INVALID_ARGUMENT", metadata: { line: "2" } });
    await expect(plan([line("a"), line("a")])).rejects.toMatchObject({ code: "INVALID_ARGUMENT", metadata: { line: "2" } });
    await expect(plan([line("a"), line("b").replace('"model":"m"', '"model":"n","model":"m"')])).rejects.toMatchObject({ code: "INVALID_ARGUMENT", metadata: { line: "2" } });
    await expect(plan([])).rejects.toMatchObject({ code: "INVALID_ARGUMENT", metadata: { field: "input_file_id" } });
  });
});
