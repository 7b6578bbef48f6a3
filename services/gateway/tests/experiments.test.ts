import { AccountKind, type AccountPath, type Call, ExperimentArm, RouteExperiment, type RouteRule } from "@alfred/contracts";
import { readResponseRequest } from "@alfred/openai";
import { describe, expect, test } from "vitest";
import type { FallbackRig } from "./fallback-rig.ts";
import { keyOf } from "./peers.ts";
import { Rig, chatOf, failureOf, hear } from "./rig.ts";
import { is, rigWith, ruleOf, to } from "./rule-rig.ts";

const MODEL = "smart";
const ARMS = [
  ExperimentArm.create({ name: "control", targets: [to("openai/gpt-4o-mini")] }),
  ExperimentArm.create({ name: "new", targets: [to("anthropic/claude-opus-4-5")] }),
];
const PROVIDERS = new Map([["control", "openai"], ["new", "anthropic"]]);
const trial = (fields: Partial<RouteExperiment> = {}): RouteRule =>
  ruleOf("trial", { conditions: [is("model", MODEL)], experiment: { ...RouteExperiment.create({ name: "trial", arms: ARMS, stickyBy: "tag:customer" }), ...fields } });
const callOf = (fields: Partial<Call> = {}): Call => ({ requestId: "", idempotent: false, clientRequestId: "", tags: {}, routeHeaders: {}, ...fields });
const ask = ({ gateway }: Rig, call: Partial<Call> = {}, fields: Record<string, unknown> = {}) => gateway.createChatCompletion({ call: callOf(call), chat: chatOf("Hi", { model: MODEL, ...fields }) });

/** A team of another organisation than the one that asks. */
const pathOf = (organisationId: string): AccountPath => ({
  organisationId, timeZone: "UTC",
  accounts: [
    { id: "team_research", kind: AccountKind.ACCOUNT_KIND_TEAM, initialLimits: [] },
    { id: organisationId, kind: AccountKind.ACCOUNT_KIND_ORGANISATION, initialLimits: [] },
  ],
});
const paidBy = (organisationId: string) => trial({ account: "team_research", accountPath: pathOf(organisationId) });

describe("an experiment", () => {
  test("divides subjects among its arms, which go where these say, the same at every gateway", async () => {
    await using fallback = await rigWith([trial()]);
    const { rig } = fallback;
    await using second = await Rig.start({ shared: rig.peers });
    const customers = Array.from({ length: 20 }, (_, index) => `customer-${index}`);
    const armsAt = (gateway: Rig) => Promise.all(customers.map(async (customer) => {
      const { receipt } = await ask(gateway, { tags: { customer } });
      expect(receipt).toMatchObject({ provider: PROVIDERS.get(receipt?.arm?.arm ?? ""), arm: { experiment: "trial" }, routeRule: { id: "trial" } });
      return receipt?.arm?.arm;
    }));
    const arms = await armsAt(rig);
    expect(new Set(arms)).toEqual(new Set(PROVIDERS.keys()));
    await expect.poll(async () => (await ask(second)).receipt?.arm?.experiment).toBe("trial");
    expect(await armsAt(second)).toEqual(arms);
  });

  test("tells the arm where a stream starts, in its receipt and on record", async () => {
    await using fallback = await rigWith([trial({ arms: ARMS.slice(1) })]);
    const { events } = await hear(fallback.rig.gateway.streamChatCompletion({ call: undefined, chat: chatOf("Hi", { model: MODEL }) }));
    const arm = { experiment: "trial", arm: "new" };
    expect(events[0]).toMatchObject({ $case: "started", value: { arm } });
    expect(events.at(-1)).toMatchObject({ $case: "ended", value: { receipt: { arm } } });
    expect((await fallback.books(1)).records[0]).toMatchObject({ arm, keyId: "key_1", path: ["key_1", "user_1", "team_1", "org_1"] });
  });

  test("counts what its fallbacks answer for the arm", async () => {
    const arm = ExperimentArm.create({ name: "control", targets: [to("openai/gpt-4o-mini")], fallbacks: ["anthropic/claude-opus-4-5"] });
    await using fallback = await rigWith([trial({ arms: [arm] })], { openai: { status: 429, retryAfterS: 60 } });
    expect((await ask(fallback.rig)).receipt).toMatchObject({ provider: "anthropic", attempts: 2, arm: { arm: "control" } });
    expect((await fallback.books(2)).records.map((record) => [record.provider, record.arm?.arm])).toEqual([["openai", "control"], ["anthropic", "control"]]);
  });

  test("keeps a request with an id of the client's choosing in its arm, and does not apply where its arm leads nowhere", async () => {
    const nowhere = ExperimentArm.create({ name: "nowhere", targets: [to("nobody-has-this")] });
    await using fallback = await rigWith([trial({ stickyBy: "", arms: [...ARMS.slice(0, 1), nowhere] }), ruleOf("z-else", { conditions: [is("model", MODEL)], targets: [to("anthropic/claude-opus-4-5")] })]);
    const ids = Array.from({ length: 12 }, (_, index) => `chosen-${index}`);
    const seen = () => Promise.all(ids.map(async (requestId) => (await ask(fallback.rig, { requestId })).receipt));
    const first = await seen();
    expect(new Set(first.map((receipt) => receipt?.routeRule?.id))).toEqual(new Set(["trial", "z-else"]));
    expect(first.filter((receipt) => receipt?.routeRule?.id === "z-else").every((receipt) => receipt?.arm === undefined)).toBe(true);
    expect((await seen()).map((receipt) => receipt?.arm)).toEqual(first.map((receipt) => receipt?.arm));
  });
});

describe("an experiment that another account pays for", () => {
  test("is charged to that, and tells the caller nothing of its money", async () => {
    await using fallback = await rigWith([paidBy("org_1")]);
    const { receipt } = await ask(fallback.rig, { tags: { customer: "7" } });
    expect(receipt?.remaining).toBeUndefined();
    const { records, posted, recorded, held } = await fallback.books(1);
    expect(records[0]).toMatchObject({ organisationId: "org_1", path: ["team_research", "org_1"], keyId: "", userId: "", teamId: "team_research", tags: { customer: "7" } });
    expect([posted, held]).toEqual([recorded, 0n]);
    expect(fallback.rig.peers.wallet.acquires.map(({ path }) => path?.accounts[0]?.id)).toEqual(["team_research"]);
  });

  test("also where its answers grow past what is held, or a fallback costs more", async () => {
    const arm = ExperimentArm.create({ name: "control", targets: [to("openai/gpt-4o-mini")], fallbacks: ["anthropic/claude-opus-4-5"] });
    await using fallback = await rigWith([trial({ arms: [arm], account: "team_research", accountPath: pathOf("org_1") })], { openai: { status: 429, retryAfterS: 60 } });
    await ask(fallback.rig);
    const { posted, recorded } = await fallback.books(2);
    expect(posted).toBe(recorded);
    expect(new Set(fallback.rig.peers.wallet.acquires.map(({ path }) => path?.accounts[0]?.id))).toEqual(new Set(["team_research"]));
  });

  test("of another organisation, whose record has no labels of the caller's", async () => {
    await using fallback = await rigWith([paidBy("org_research")]);
    await ask(fallback.rig, { tags: { customer: "7" } });
    expect((await fallback.books(1)).records[0]).toMatchObject({ organisationId: "org_research", path: ["team_research", "org_research"], keyId: "", tags: {} });
  });

  test.each([["the own organisation, whose stored response is", "org_1", "resp_sim_1"], ["another organisation, whose it is not, and not", "org_research", ""]])("as %s on record", async (_, organisationId, providerResponseId) => {
    const arm = ExperimentArm.create({ name: "control", targets: [to("openai/gpt-4o-mini")] });
    await using fallback = await rigWith([trial({ arms: [arm], account: "team_research", accountPath: pathOf(organisationId) })]);
    await fallback.rig.gateway.createResponse({ call: undefined, response: readResponseRequest({ model: MODEL, input: "Hi" }).response });
    expect((await fallback.books(1)).records[0]).toMatchObject({ organisationId, providerResponseId });
  });

  test("is refused where that cannot pay, without a word of whose account it is", async () => {
    await using fallback = await rigWith([paidBy("org_1")], { budget: 10n });
    const failure = await failureOf(ask(fallback.rig));
    expect(failure).toMatchObject({ code: "INSUFFICIENT_QUOTA", metadata: { experiment: "trial" } });
    expect(Object.keys(failure.metadata)).not.toContain("account");
    const dry = await fallback.rig.gateway.dryRun({ call: undefined, streamed: false, asked: { $case: "chat", value: chatOf("Hi", { model: MODEL }) } });
    expect(dry).toMatchObject({ admitted: false, arm: { experiment: "trial" }, hold: { granted: false, remaining: undefined, warnings: [] } });
    for (const told of [dry.refusal, dry.hold?.denial]) expect(told).toEqual({ reason: failure.code, message: failure.message, hint: failure.hint, metadata: failure.metadata });
    expect([fallback.openai.requests.length, fallback.anthropic.requests.length]).toEqual([0, 0]);
  });

  test("and is a key, until that is revoked", async () => {
    const { key } = keyOf("key_trial", "secret-of-the-trial-000000000000000001");
    await using fallback = await rigWith([trial({ account: "key_trial", accountPath: key?.path })]);
    await ask(fallback.rig);
    expect((await fallback.books(1)).records[0]).toMatchObject({ keyId: "key_trial", userId: "user_1" });
    await revoke(fallback, "key_trial");
    await expect.poll(async () => (await ask(fallback.rig).catch(({ code }: { code: string }) => code))).toBe("INSUFFICIENT_QUOTA");
  });

  test("of which it is not known who it is, is not served", async () => {
    await using fallback = await rigWith([trial({ account: "team_research" })]);
    expect(await failureOf(ask(fallback.rig))).toMatchObject({ code: "UNAVAILABLE" });
  });
});

async function revoke({ rig }: FallbackRig, id: string): Promise<void> {
  rig.peers.keys.push({ $case: "key", value: keyOf(id, "secret-of-the-trial-000000000000000001", { revokeTime: new Date() }) });
}
