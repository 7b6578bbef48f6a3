import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AccountKind, type AccountPath, AttemptOutcome, type Call, ExperimentArm, RouteExperiment, type RouteRule, RouteShadow } from "@alfred/contracts";
import { readResponseRequest } from "@alfred/openai";
import { describe, expect, test } from "vitest";
import type { FallbackRig } from "./fallback-rig.ts";
import { type Heard, Rig, chatOf, hear, textOf } from "./rig.ts";
import { is, rigWith, ruleOf, to } from "./rule-rig.ts";

const MODEL = "smart";
const PATH: AccountPath = {
  organisationId: "org_1", timeZone: "UTC",
  accounts: [
    { id: "team_research", kind: AccountKind.ACCOUNT_KIND_TEAM, initialLimits: [] },
    { id: "org_1", kind: AccountKind.ACCOUNT_KIND_ORGANISATION, initialLimits: [] },
  ],
};
const shadowOf = (fields: Partial<RouteShadow> = {}): RouteShadow =>
  ({ ...RouteShadow.create({ experiment: "trial", arm: "copy", model: "anthropic/claude-opus-4-5", account: "team_research", accountPath: PATH }), ...fields });
const rule = (fields: Partial<RouteShadow> = {}, more: Partial<RouteRule> = {}): RouteRule =>
  ruleOf("copied", { conditions: [is("model", MODEL)], targets: [to("openai/gpt-4o-mini")], shadow: shadowOf(fields), ...more });
const callOf = (fields: Partial<Call> = {}): Call => ({ requestId: "", idempotent: false, clientRequestId: "", tags: {}, routeHeaders: {}, ...fields });
const chat = (fields: Record<string, unknown> = {}) => chatOf("Hi", { model: MODEL, ...fields });
const ask = ({ rig }: FallbackRig, call: Partial<Call> = {}) => rig.gateway.createChatCompletion({ call: callOf(call), chat: chat() });
const stream = ({ rig }: FallbackRig) => hear(rig.gateway.streamChatCompletion({ call: undefined, chat: chat({ stream_options: { include_usage: true } }) }));

/** What the metric counts, as "dropped PRICE_UNKNOWN". */
async function shadows({ registry }: Rig): Promise<Record<string, number>> {
  const lines = (await registry.metrics()).matchAll(/^alfred_gateway_shadows_total\{outcome="(\w+)",reason="(\w*)"\} (\d+)$/gm);
  return Object.fromEntries([...lines].map(([, outcome = "", reason = "", count]) => [`${outcome} ${reason}`.trim(), Number(count)]));
}

const ended = (fallback: FallbackRig, ends: Record<string, number>) => expect.poll(() => shadows(fallback.rig)).toEqual(ends);

describe("a shadow", () => {
  test("is charged to its own account, on record as what it is, and not told of", async () => {
    await using fallback = await rigWith([rule()]);
    const answer = await ask(fallback, { requestId: "req_real", tags: { feature: "search" } });
    expect(answer.receipt).toMatchObject({ provider: "openai", attempts: 1, attemptsDetail: [], arm: undefined, routeRule: { id: "copied" } });
    const { records, posted, recorded, held } = await fallback.books(2);
    const [real, copy] = [records.find(({ provider }) => provider === "openai"), records.find(({ provider }) => provider === "anthropic")];
    expect(real).toMatchObject({ requestId: "req_real", keyId: "key_1", path: ["key_1", "user_1", "team_1", "org_1"], arm: undefined });
    expect(copy).toMatchObject({
      keyId: "", path: ["team_research", "org_1"], requestedModel: MODEL, streamed: false, tags: { feature: "search" }, routeRule: { id: "copied" },
      arm: { experiment: "trial", arm: "copy", shadowOf: "req_real" }, outcome: AttemptOutcome.ATTEMPT_OUTCOME_ANSWERED,
    });
    expect(copy?.requestId).not.toBe("req_real");
    expect(answer.receipt?.cost?.value).toBe(real?.cost?.value);
    expect([posted, held]).toEqual([recorded, 0n]);
    expect(fallback.rig.peers.wallet.acquires.map(({ path }) => path?.accounts[0]?.id)).toEqual(["key_1", "team_research"]);
    await ended(fallback, { answered: 1 });
    const metrics = await fallback.rig.registry.metrics();
    expect(metrics).toMatch(/^alfred_gateway_requests_total\{operation="chat",outcome="answered"\} 1$/m);
  });

  test("of a streamed request streams, too", async () => {
    await using fallback = await rigWith([rule()]);
    await stream(fallback);
    expect((await fallback.books(2)).records.map(({ streamed, provider }) => [streamed, provider])).toContainEqual([true, "anthropic"]);
    await ended(fallback, { answered: 1 });
  });

  test("is an arm of its rule's experiment", async () => {
    const experiment = RouteExperiment.create({ name: "models", arms: [ExperimentArm.create({ name: "control", targets: [to("openai/gpt-4o-mini")] })] });
    await using fallback = await rigWith([rule({ experiment: "" }, { targets: [], experiment })]);
    expect((await ask(fallback)).receipt?.arm).toEqual({ experiment: "models", arm: "control", shadowOf: "" });
    expect((await fallback.books(2)).records.map(({ arm }) => `${arm?.experiment}/${arm?.arm}`).toSorted()).toEqual(["models/control", "models/copy"]);
  });

  test("is stored nowhere, and there is none of what goes on from something that is", async () => {
    await using fallback = await rigWith([rule({ model: "openai/gpt-4o-mini" })]);
    const create = (fields: Record<string, unknown>) => fallback.rig.gateway.createResponse({ call: undefined, response: readResponseRequest({ model: MODEL, input: "Hi", ...fields }).response });
    const { response } = await create({});
    await ended(fallback, { answered: 1 });
    await create({ previous_response_id: response?.id });
    await fallback.books(3);
    const sent = [...fallback.openai.requests].map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    expect(sent.map(({ store, previous_response_id: id }) => [store, id !== undefined])).toEqual([[undefined, false], [false, false], [undefined, true]]);
  });

  test("is there for no request that another rule decides on", async () => {
    await using fallback = await rigWith([rule(), ruleOf("other", { priority: -1, conditions: [is("tag:kind", "plain")], targets: [to("openai/gpt-4o-mini")] })]);
    await ask(fallback, { tags: { kind: "plain" } });
    await fallback.books(1);
    expect([fallback.anthropic.requests.length, await shadows(fallback.rig)]).toEqual([0, {}]);
  });
});

describe("the answer is the same, and at once,", () => {
  const plain = ({ events }: Heard) => events.filter(({ $case }) => $case === "chunk").length;

  test.each([["is hung", { stall: true }], ["fails", { status: 500 }], ["breaks off", { reset: true }], ["is slow", { delayMs: 60_000 }]])("where the shadow's provider %s", async (_name, anthropic) => {
    await using fallback = await rigWith([rule()], { anthropic });
    await using alone = await rigWith([ruleOf("alone", { conditions: [is("model", MODEL)], targets: [to("openai/gpt-4o-mini")] })]);
    const [whole, expected] = [await ask(fallback), await ask(alone)];
    expect(whole.completion?.choices).toEqual(expected.completion?.choices);
    expect({ ...whole.receipt, requestId: "", routeRule: undefined }).toMatchObject({ ...expected.receipt, requestId: "", routeRule: undefined, remaining: { unit: 1 } });
    const [streamed, expectedStream] = [await stream(fallback), await stream(alone)];
    expect([textOf(streamed), plain(streamed), streamed.error]).toEqual([textOf(expectedStream), plain(expectedStream), undefined]);
    await fallback.anthropic.requests.waitFor(() => true);
  });

  test("also where there is no place for another request beside it", async () => {
    await using fallback = await rigWith([rule()], { anthropic: { stall: true }, env: { ALFRED_GATEWAY_MAX_IN_FLIGHT: "1" } });
    await ask(fallback);
    await fallback.anthropic.requests.waitFor(() => true);
    expect((await ask(fallback)).receipt?.provider).toBe("openai");
  });

  test("and a provider that fails for shadows is called no later for requests", async () => {
    await using fallback = await rigWith([rule()], { anthropic: { status: 500 } });
    for (let asked = 0; asked < 6; asked += 1) await ask(fallback);
    await ended(fallback, { "failed PROVIDER_UNAVAILABLE": 6 });
    expect(await fallback.rig.registry.metrics()).not.toMatch(/^alfred_gateway_breakers\{provider="anthropic"/m);
    const { records } = await fallback.books(12);
    expect(records.filter(({ provider }) => provider === "anthropic").map(({ reason, cost }) => [reason, cost?.value])).toEqual(Array.from({ length: 6 }, () => ["PROVIDER_UNAVAILABLE", 0n]));
  });
});

describe("a shadow is dropped and counted", () => {
  test.each<[string, Partial<RouteShadow>, string]>([
    ["nobody serves its model", { model: "nobody-has-this" }, "dropped MODEL_NOT_FOUND"],
    ["its model has no price", { model: "anthropic/claude-unheard-of" }, "dropped PRICE_UNKNOWN"],
    ["it is not known who pays", { accountPath: undefined }, "dropped UNAVAILABLE"],
  ])("where %s", async (_name, fields, end) => {
    await using fallback = await rigWith([rule(fields)]);
    expect((await ask(fallback)).receipt?.provider).toBe("openai");
    await ended(fallback, { [end]: 1 });
    expect((await fallback.books(1)).records.map(({ provider }) => provider)).toEqual(["openai"]);
  });

  test("where its account has no money", async () => {
    // Enough for the answer, and not for one of the dearer model beside it.
    await using fallback = await rigWith([rule()], { budget: 40_000_000n });
    expect((await ask(fallback)).receipt?.provider).toBe("openai");
    await ended(fallback, { "dropped INSUFFICIENT_QUOTA": 1 });
  });

  test("where there are as many as there may be", async () => {
    await using fallback = await rigWith([rule()], { anthropic: { stall: true }, env: { ALFRED_GATEWAY_MAX_SHADOWS: "1" } });
    await ask(fallback);
    await fallback.anthropic.requests.waitFor(() => true);
    await ask(fallback);
    await ended(fallback, { "dropped OVERLOADED": 1 });
    expect(fallback.anthropic.requests.length).toBe(1);
  });

  test("where its caller went away", async () => {
    await using fallback = await rigWith([rule()], { openai: { stall: true } });
    const leaving = new AbortController();
    const left = fallback.rig.gateway.createChatCompletion({ call: undefined, chat: chat() }, { signal: leaving.signal }).catch(() => "left");
    await fallback.openai.requests.waitFor(() => true);
    leaving.abort();
    expect(await left).toBe("left");
    await fallback.rig.stop();
    expect([fallback.anthropic.requests.length, await shadows(fallback.rig)]).toEqual([0, {}]);
  });
});

describe("a shadow that is under way", () => {
  test("ends with its own time, and is charged for its prompt", async () => {
    await using fallback = await rigWith([rule()], { anthropic: { stall: true }, env: { ALFRED_GATEWAY_SHADOW_TIMEOUT_MS: "300" } });
    await ask(fallback);
    await ended(fallback, { "failed PROVIDER_TIMEOUT": 1 });
    const copy = (await fallback.books(2)).records.find(({ provider }) => provider === "anthropic");
    expect(copy).toMatchObject({ reason: "PROVIDER_TIMEOUT", path: ["team_research", "org_1"] });
    expect(copy?.cost?.value).toBeGreaterThan(0n);
  });

  test("ends when the gateway stops, and is settled before that is gone", async () => {
    await using fallback = await rigWith([rule()], { anthropic: { stall: true } });
    await ask(fallback);
    await fallback.anthropic.requests.waitFor(() => true);
    await fallback.rig.service[Symbol.asyncDispose]();
    const { records, wallet } = fallback.rig.peers;
    const copy = [...records.values()].find(({ provider }) => provider === "anthropic");
    expect(copy).toMatchObject({ outcome: AttemptOutcome.ATTEMPT_OUTCOME_CANCELLED, arm: { arm: "copy" } });
    expect(wallet.posted).toBe([...records.values()].reduce((sum, { cost }) => sum + (cost?.value ?? 0n), 0n));
    expect(await shadows(fallback.rig)).toEqual({ "failed CANCELLED": 1 });
  });

  test("when the gateway is killed is charged at its worst case, to the same account", async () => {
    await using stack = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), "alfred-shadow-"));
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    const [journal, left] = [join(folder, "journal"), join(folder, "left")];
    await using fallback = await rigWith([rule()], { anthropic: { stall: true }, env: { ALFRED_GATEWAY_JOURNAL: journal } });
    await ask(fallback, { requestId: "req_real" });
    await fallback.anthropic.requests.waitFor(() => true);
    await cp(journal, left, { recursive: true });
    await using second = await Rig.start({ journal: left, shared: fallback.rig.peers });
    expect(await second.service.isReady()).toBe(true);
    const records = (): unknown[] => [...fallback.rig.peers.records.values()];
    await expect.poll(records).toContainEqual(expect.objectContaining({
      outcome: AttemptOutcome.ATTEMPT_OUTCOME_INTERRUPTED, path: ["team_research", "org_1"], arm: { experiment: "trial", arm: "copy", shadowOf: "req_real" },
    }));
  });
});
