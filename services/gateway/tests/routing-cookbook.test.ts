import { readFileSync } from "node:fs";
import { AccountKind, Call, Key, ModelPrice, RouteRule } from "@alfred/contracts";
import { isFailure } from "@alfred/errors";
import { PriceBook } from "@alfred/money";
import { RuleBook } from "@alfred/routing";
import { describe, expect, test } from "vitest";
import { createRoutingTable, type ProviderKind } from "../src/domain/route.ts";
import { Targets } from "../src/domain/targets.ts";
import { type ChosenRoutes, chooseRoutes } from "../src/exchange/choose-routes.ts";
import { planChat } from "../src/exchange/plan.ts";
import { ModelLists } from "../src/feeds/model-lists.ts";
import { price } from "./peers.ts";
import { chatOf } from "./rig.ts";

/** A request of the page, and where it is said to go. */
interface Asked {
  readonly model: string;
  readonly team?: string;
  readonly at?: string;
  readonly tags?: Record<string, string>;
  readonly headers?: Record<string, string>;
  readonly prompt_bytes?: number;
  readonly max_completion_tokens?: number;
  readonly cooling?: readonly string[];
  readonly first_byte_ms?: Readonly<Record<string, number>>;
  readonly goes?: readonly string[];
  readonly denied?: string;
  readonly share?: Readonly<Record<string, number>>;
  /** The arm of an experiment that it is in. */
  readonly arm?: string;
  /** How many of many requests are in which arm. */
  readonly arms?: Readonly<Record<string, number>>;
}

interface Recipe {
  readonly name: string;
  readonly rules: readonly RouteRule[];
  readonly requests: readonly Asked[];
}

const PAGE = readFileSync(new URL("../../../docs/routing.md", import.meta.url), "utf8");

function recipesOf(page: string): Recipe[] {
  return page.split(/^### /m).slice(1).map((section) => {
    const blocks = [...section.matchAll(/^```json (?:rule=(\S+)|requests)\n([\s\S]*?)^```$/gm)];
    const rules = blocks.flatMap(([, id, text = ""]) => (id === undefined ? [] : [RouteRule.fromJSON({ id, ...JSON.parse(text) })]));
    const requests = blocks.flatMap(([, id, text = ""]) => (id === undefined ? (JSON.parse(text) as Asked[]) : []));
    return { name: section.slice(0, section.indexOf("\n")), rules, requests };
  });
}

const providerOf = (id: string, kind: ProviderKind, priceBook: string, region = "") => ({ id, kind, baseUrl: `https://${id}.test`, secret: "", priceBook, region });
const pricedAt = (provider: string, model: string, input: bigint, output: bigint) =>
  ModelPrice.create({ provider, model, maxOutputTokens: 16_384n, meters: [price("input_tokens", input), price("output_tokens", output)] });

const routes = createRoutingTable(
  [providerOf("openai", "openai", "openai"), providerOf("anthropic", "anthropic", "anthropic"), providerOf("azure-eu", "azure", "azure", "eu-west"), providerOf("azure-us", "azure", "azure", "us-east")],
  ["eu", "us"].map((region) => ({ id: `any-${region}`, model: "gpt-4o-any", providerId: `azure-${region}`, upstreamModel: "gpt-4o" })),
);
const prices = new PriceBook([
  pricedAt("openai", "gpt-4o", 2_500_000_000n, 10_000_000_000n), pricedAt("openai", "gpt-4o-mini", 150_000_000n, 600_000_000n), pricedAt("openai", "o3", 2_000_000_000n, 8_000_000_000n),
  pricedAt("azure", "gpt-4o", 2_500_000_000n, 10_000_000_000n), pricedAt("anthropic", "claude-sonnet-4-5", 3_000_000_000n, 15_000_000_000n),
]);
const modelLists = new ModelLists({ onNode: () => () => undefined });

/** Where a request goes, or the rule that denies it. */
function decide(rules: RuleBook, asked: Asked, random: () => number): string[] | string {
  const chosen = choose(rules, asked, random);
  return typeof chosen === "string" ? chosen : chosen.routes.map(({ upstream, model }) => `${upstream.id}/${model}`);
}

function armOf(rules: RuleBook, asked: Asked, random: () => number): string | undefined {
  const chosen = choose(rules, asked, random);
  return typeof chosen === "string" ? undefined : chosen.arm?.arm;
}

function choose(rules: RuleBook, asked: Asked, random: () => number): ChosenRoutes | string {
  const { model, team = "team_1", at = "2026-11-20T12:00:00Z", prompt_bytes = 10, max_completion_tokens } = asked;
  const nowMs = Date.parse(at);
  const targets = new Targets();
  const targetOf = (name: string) => targets.of(name.slice(0, name.indexOf("/")), name.slice(name.indexOf("/") + 1));
  const called = (name: string) => [targetOf(name), targetOf(name).begun(nowMs)] as const;
  for (const [target, call] of (asked.cooling ?? []).map(called)) target.failed(call, { reason: "", isLasting: true }, nowMs);
  for (const [name, ms] of Object.entries(asked.first_byte_ms ?? {})) {
    const [target, call] = called(name);
    target.answered(call, false, ms, nowMs);
  }
  const accounts = [["key_1", AccountKind.ACCOUNT_KIND_KEY], [team, AccountKind.ACCOUNT_KIND_TEAM]] as const;
  const path = { organisationId: "org_1", timeZone: "UTC", accounts: accounts.map(([id, kind]) => ({ id, kind, initialLimits: [] })) };
  const chat = chatOf("x".repeat(prompt_bytes), { model, ...(max_completion_tokens !== undefined && { max_completion_tokens }) });
  const routable = { call: Call.create({ tags: asked.tags ?? {}, routeHeaders: asked.headers ?? {} }), model, plan: (route: Parameters<typeof planChat>[1]) => planChat(chat, route, false) };
  const parts = { feeds: { routes, prices, modelLists, rules }, strategy: "weighted" as const, targets, random };
  try {
    return chooseRoutes(parts, routable, { key: Key.create({ id: "key_1" }), path }, nowMs);
  } catch (error) {
    if (isFailure(error, "MODEL_NOT_ALLOWED")) return error.metadata["rule"] ?? "";
    throw error;
  }
}

function expectArms(arms: Readonly<Record<string, number>>, drawn: readonly (string | undefined)[]): void {
  for (const [name, share] of Object.entries(arms)) expect(drawn.filter((arm) => arm === name).length / drawn.length).toBeCloseTo(share, 1);
}

/** Numbers that look drawn, the same each time. */
function drawer(): () => number {
  let state = 1;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

describe("the recipes of the page on routing", () => {
  const recipes = recipesOf(PAGE);
  const bookOf = (rules: readonly RouteRule[]) => new RuleBook(rules, ({ id }, fault) => {
    throw new Error(`${id}: ${fault.field}: ${fault.message}`);
  });

  test("are several, each with rules and requests", () => {
    expect(recipes.length).toBeGreaterThan(5);
    expect(recipes.every(({ rules, requests }) => rules.length > 0 && requests.length > 0)).toBe(true);
  });

  test.each(recipes.flatMap(({ name, rules, requests }) => requests.map((asked) => [name, asked, rules] as const)))("%s: %j", (_, asked, rules) => {
    const book = bookOf(rules);
    const random = drawer();
    if (asked.arms !== undefined) return expectArms(asked.arms, Array.from({ length: 2_000 }, () => armOf(book, asked, random)));
    expect(decide(book, asked, () => 0)).toEqual(asked.denied ?? asked.goes ?? Object.keys(asked.share ?? {}));
    expect(armOf(book, asked, () => 0)).toBe(asked.arm);
    const firsts = Array.from({ length: asked.share === undefined ? 0 : 2_000 }, () => decide(book, asked, random)[0]);
    for (const [name, share] of Object.entries(asked.share ?? {})) expect(firsts.filter((first) => first === name).length / firsts.length).toBeCloseTo(share, 1);
  });

  test("leave alone what they are not for, all of them set at once", () => {
    const all = bookOf(recipes.flatMap(({ rules }) => rules));
    expect(decide(all, { model: "o3" }, () => 0.5)).toEqual(["openai/o3"]);
  });
});
