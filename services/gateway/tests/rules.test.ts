import { RouteOperator as Operator } from "@alfred/contracts";
import { describe, expect, test } from "vitest";
import { type FallbackRig, MODEL } from "./fallback-rig.ts";
import { chatOf, failureOf, hear } from "./rig.ts";
import { is, putRules, rigWith, ruleOf, to } from "./rule-rig.ts";

interface Ask {
  readonly model?: string;
  readonly content?: string;
  readonly tags?: Record<string, string>;
  readonly routeHeaders?: Record<string, string>;
}

const ask = ({ rig }: FallbackRig, { model = "smart", content = "Hi", tags = {}, routeHeaders = {} }: Ask = {}) => {
  const call = { requestId: "", idempotent: false, clientRequestId: "", tags, routeHeaders };
  return rig.gateway.createChatCompletion({ call, chat: chatOf(content, { model }) });
};
const answerer = async (rig: FallbackRig, asked: Ask = {}): Promise<string | undefined> => (await ask(rig, asked)).receipt?.provider;

describe("a rule", () => {
  test("sends a name that nobody serves where it says, and the record has both", async () => {
    await using rig = await rigWith([ruleOf("smart", { version: 7n, conditions: [is("model", "smart")], targets: [to("anthropic/claude-opus-4-5")] })]);
    const routeRule = { id: "smart", version: 7n };
    expect((await ask(rig)).receipt).toMatchObject({ provider: "anthropic", model: "claude-opus-4-5", attempts: 1, routeRule });
    const { records, posted, recorded } = await rig.books(1);
    expect(records[0]).toMatchObject({ requestedModel: "smart", model: "claude-opus-4-5", routeRule });
    expect(posted).toBe(recorded);
    expect(await failureOf(ask(rig, { model: "smarter" }))).toMatchObject({ code: "MODEL_NOT_FOUND" });
  });

  test("goes by labels, headers, who asks and how much is asked", async () => {
    const anthropic = { targets: [to("anthropic/claude-opus-4-5")] };
    await using rig = await rigWith([
      ruleOf("tag", { conditions: [is("tag:feature", "search")], ...anthropic }),
      ruleOf("header", { conditions: [is("header:x-alfred-route-tier", "go", Operator.ROUTE_OPERATOR_PREFIX)], ...anthropic }),
      ruleOf("long", { conditions: [is("prompt_tokens", "5000", Operator.ROUTE_OPERATOR_GREATER)], ...anthropic }),
      ruleOf("team", { conditions: [is("team", "team_2")], ...anthropic }),
    ], { weights: [1, 0] });
    const model = MODEL;
    expect(await answerer(rig, { model })).toBe("openai");
    expect((await ask(rig, { model })).receipt?.routeRule).toBeUndefined();
    expect(await answerer(rig, { model, tags: { feature: "search" } })).toBe("anthropic");
    expect(await answerer(rig, { model, routeHeaders: { "x-alfred-route-tier": "gold" } })).toBe("anthropic");
    expect(await answerer(rig, { model, content: "long ".repeat(1_000) })).toBe("anthropic");
    await putRules(rig, [ruleOf("team", { conditions: [is("team", "team_1")], ...anthropic })]);
    expect(await answerer(rig, { model })).toBe("anthropic");
  });

  test("may ask what a request can cost", async () => {
    const dear = is("estimated_cost_usd", "0.03", Operator.ROUTE_OPERATOR_GREATER);
    await using rig = await rigWith([ruleOf("dear", { conditions: [dear], deny: "Ask for less." })], { weights: [1, 0] });
    // An answer of 16,384 tokens at two dollars a million is 0.0328.
    expect(await failureOf(ask(rig, { model: MODEL }))).toMatchObject({ code: "MODEL_NOT_ALLOWED", message: "Ask for less.", metadata: { rule: "dear" } });
    const short = chatOf("Hi", { model: MODEL, max_completion_tokens: 10 });
    expect((await rig.rig.gateway.createChatCompletion({ call: undefined, chat: short })).receipt?.provider).toBe("openai");
  });

  test("denies before anything is held or asked, for counts of tokens too", async () => {
    await using rig = await rigWith([ruleOf("no", { conditions: [is("model", "house", Operator.ROUTE_OPERATOR_PREFIX)], deny: "Not on Sundays." })]);
    expect(await failureOf(ask(rig, { model: MODEL }))).toMatchObject({ code: "MODEL_NOT_ALLOWED", message: "Not on Sundays.", metadata: { model: MODEL, rule: "no" } });
    expect([rig.rig.peers.wallet.acquires.length, rig.openai.requests.length, rig.anthropic.requests.length]).toEqual([0, 0, 0]);
  });

  test("falls back to other models once its targets failed, streamed or whole", async () => {
    const rule = ruleOf("chain", { conditions: [is("model", "smart")], targets: [to("openai/gpt-4o-mini")], fallbacks: ["nobody-has-this", "openai/gpt-4o-mini", "anthropic/claude-opus-4-5"] });
    await using rig = await rigWith([rule], { openai: { status: 429, retryAfterS: 60 } });
    expect((await ask(rig)).receipt).toMatchObject({ provider: "anthropic", attempts: 2 });
    const heard = await hear(rig.rig.gateway.streamChatCompletion({ call: undefined, chat: chatOf("Hi", { model: "smart" }) }));
    // The target cools down, so its fallback goes first.
    expect(heard.events[0]).toMatchObject({ $case: "started", value: { provider: "anthropic", attempts: 1, routeRule: { id: "chain" } } });
  });

  test("of a target's region leaves out the others, and does not apply where that leaves none", async () => {
    const within = (region: string) => ruleOf(region, { priority: region === "eu" ? 2 : 1, conditions: [is("model", MODEL), is("region", region)] });
    await using rig = await rigWith([within("us"), within("eu"), ruleOf("none", { priority: 3, conditions: [is("model", MODEL)], deny: "Nowhere." })]);
    expect(await failureOf(ask(rig, { model: MODEL }))).toMatchObject({ metadata: { rule: "none" } });
    rig.rig.peers.config.push({ $case: "provider", value: { provider: { ...rig.anthropicProvider, region: "eu" }, secret: "sk-two" } });
    await expect.poll(() => answerer(rig, { model: MODEL }).catch(() => "")).toBe("anthropic");
    expect(rig.openai.requests.length).toBe(0);
  });

  test("that is removed, or not enabled, counts no more", async () => {
    const conditions = [is("model", MODEL)];
    await using rig = await rigWith([ruleOf("a", { conditions, deny: "A." }), ruleOf("b", { conditions, enabled: false, deny: "B." })]);
    expect(await failureOf(ask(rig, { model: MODEL }))).toMatchObject({ message: "A." });
    rig.rig.peers.config.push({ $case: "removedRouteRuleId", value: "a" });
    await expect.poll(() => answerer(rig, { model: MODEL }).catch(() => "")).toBe("openai");
  });

  test("widens nothing that a key may ask for, and what it may ask for a rule may send elsewhere", async () => {
    const rule = ruleOf("all", { targets: [to("anthropic/claude-opus-4-5")] });
    await using rig = await rigWith([rule], { allowedModels: { team_1: ["house-*", "mark-*"] } });
    expect(await failureOf(ask(rig))).toMatchObject({ code: "MODEL_NOT_ALLOWED", metadata: { node_id: "team_1" } });
    expect(await answerer(rig, { model: MODEL })).toBe("anthropic");
  });

  test("has names of its own listed where it would send a plain request of the key's for them", async () => {
    const anthropic = { targets: [to("anthropic/claude-opus-4-5")] };
    await using rig = await rigWith([
      ruleOf("own", { conditions: [is("model", "mark-own")], ...anthropic }),
      ruleOf("tagged", { conditions: [is("model", "mark-tagged"), is("tag:a", "b")], ...anthropic }),
      ruleOf("others", { conditions: [is("model", "mark-others"), is("team", "team_2")], ...anthropic }),
      ruleOf("denied", { conditions: [is("model", "mark-denied")], deny: "No." }),
      ruleOf("lost", { conditions: [is("model", "mark-lost")], targets: [to("nobody-has-this")] }),
      ruleOf("hidden", { conditions: [is("model", "hidden")], ...anthropic }),
    ], { allowedModels: { team_1: ["house-*", "mark-*"] } });
    const { gateway } = rig.rig;
    const { models } = await gateway.listModels({});
    expect(models.map(({ id }) => id)).toEqual([MODEL, "mark-own"]);
    expect((await gateway.getModel({ model: "mark-own" })).model).toMatchObject({ id: "mark-own", provider: "anthropic", contextWindow: 200_000n, priced: true });
    for (const model of ["mark-tagged", "mark-others", "mark-denied", "mark-lost", "hidden"]) {
      expect(await failureOf(gateway.getModel({ model })), model).toMatchObject({ code: "MODEL_NOT_FOUND" });
    }
  });
});
