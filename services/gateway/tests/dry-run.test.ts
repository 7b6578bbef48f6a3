import { type DryRunRequest, type DryRunResponse, HoldSource, RouteOperator, RouteRule } from "@alfred/contracts";
import { readMessageRequest } from "@alfred/anthropic";
import { readCompletionRequest, readEmbeddingRequest, readImageRequest, readModerationRequest, readResponseRequest, readSpeechRequest, readTranscriptionRequest, readTranslationRequest } from "@alfred/openai";
import { describe, expect, test } from "vitest";
import { FallbackRig, MODEL } from "./fallback-rig.ts";
import { keyOf, price, SECRET } from "./peers.ts";
import { Rig, chatOf, failureOf } from "./rig.ts";

type Asked = NonNullable<DryRunRequest["asked"]>;
type Chat = Readonly<Record<string, unknown>>;

const ask = ({ gateway }: Rig, asked: Asked, streamed = false): Promise<DryRunResponse> => gateway.dryRun({ call: undefined, streamed, asked });
const chat = (fields: Chat = {}): Asked => ({ $case: "chat", value: chatOf("Hi there", fields) });
const real = ({ gateway }: Rig, fields: Chat = {}) => gateway.createChatCompletion({ call: undefined, chat: chatOf("Hi there", fields) });

/** What a dry run leaves behind: nothing. */
function expectUntouched({ peers, sim }: Rig): void {
  expect({ calls: peers.wallet.calls.filter((call) => !call.startsWith("hello")), records: peers.records.size, asked: sim.requests.length, posted: peers.wallet.posted })
    .toEqual({ calls: [], records: 0, asked: 0, posted: 0n });
}

describe("a dry run", () => {
  test("says where a request would go, what it can cost there, and leaves nothing behind", async () => {
    await using rig = await FallbackRig.start({ weights: [1, 0] });
    const told = await ask(rig.rig, chat({ model: MODEL, max_completion_tokens: 100 }));
    expect(told).toMatchObject({ admitted: true, refusal: undefined, operation: "chat", requestedModel: MODEL, modelAllowed: true, provider: "openai", model: "gpt-4o-mini", moreCandidates: 0 });
    const [first, second] = told.candidates;
    expect([first?.provider, second?.provider, first?.health, first?.price?.source]).toEqual(["openai", "anthropic", "healthy", ""]);
    // The prompt at a token per byte, and 100 tokens of the answer at two dollars a million.
    expect(first?.worstQuantities.find(({ meter }) => meter === "output_tokens")?.quantity).toBe(100n);
    expect(first?.worstCost?.value).toBe(told.hold?.cost?.value);
    expect(second?.worstCost?.value).toBeGreaterThan(first?.worstCost?.value ?? 0n);
    // "Hi there" is two tokens, and a template's seven.
    expect(first).toMatchObject({ leastCost: { value: 9_000n }, leastQuantities: [{ meter: "input_tokens", quantity: 9n }, { meter: "requests", quantity: 1n }] });
    expect(told.hold).toMatchObject({ granted: true, source: HoldSource.HOLD_SOURCE_WALLET, denial: undefined, clampedToTokens: undefined });
    expectUntouched(rig.rig);
    expect(await rig.rig.registry.metrics()).not.toMatch(/^alfred_gateway_breakers\{/m);
    expect([rig.openai.requests.length, rig.anthropic.requests.length]).toEqual([0, 0]);
    expect((await real(rig.rig, { model: MODEL, max_completion_tokens: 100 })).receipt).toMatchObject({ provider: "openai", model: "gpt-4o-mini" });
  });

  test("says that credit on lease suffices, and takes none of it", async () => {
    await using rig = await Rig.start({ env: { ALFRED_GATEWAY_LEASE_IDLE_MS: "60000" } });
    await real(rig, { max_tokens: 20 });
    const { acquires } = rig.peers.wallet;
    expect((await ask(rig, chat({ max_tokens: 20 }))).hold).toMatchObject({ granted: true, source: HoldSource.HOLD_SOURCE_LEASE });
    expect(acquires.length).toBe(1);
  });

  test("says which budget refuses, and counts what this gateway would give back", async () => {
    const budget = 200_000n;
    await using rig = await Rig.start({ peers: { budget }, env: { ALFRED_GATEWAY_LEASE_IDLE_MS: "60000" } });
    const spent = await ask(rig, chat({ max_tokens: 200 }));
    expect(spent).toMatchObject({ admitted: false, provider: "", refusal: { reason: "INSUFFICIENT_QUOTA", metadata: { account: "key_1", limit: "200000", left: "200000", unit: "usd" } } });
    expect(spent.hold).toMatchObject({ granted: false, source: HoldSource.HOLD_SOURCE_WALLET, denial: { reason: "INSUFFICIENT_QUOTA" } });
    expect(spent.refusal?.hint).toMatch(/./);
    await real(rig, { max_tokens: 5 });
    // Half of what is left is on lease now, and goes back before a request were denied.
    expect(rig.peers.wallet.held).toBeGreaterThan(0n);
    const most = await ask(rig, chat({ max_tokens: 30 }));
    expect(most.hold?.cost?.value).toBeGreaterThan(rig.peers.wallet.left);
    expect(most).toMatchObject({ admitted: true, hold: { granted: true, source: HoldSource.HOLD_SOURCE_WALLET } });
    expect((await real(rig, { max_tokens: 30 })).receipt).toBeDefined();
  });

  test("says that others hold it, and what an answer would be cut to", async () => {
    await using rig = await Rig.start({ peers: { budget: 1_000_000n } });
    rig.peers.wallet.clamps = true;
    const cut = await ask(rig, chat({ max_tokens: 1_000 }));
    expect(cut).toMatchObject({ admitted: true, hold: { granted: true } });
    expect(cut.hold?.cost?.value).toBeLessThanOrEqual(1_000_000n);
    expect(cut.hold?.clampedToTokens).toBeGreaterThan(400n);
    expect(cut.hold?.clampedToTokens).toBeLessThan(500n);
    rig.peers.wallet.clamps = false;
    const others = rig.gateway;
    await using second = await Rig.start({ shared: rig.peers, env: { ALFRED_GATEWAY_LEASE_IDLE_MS: "60000" }, baseUrl: () => `${rig.simUrl}/v1` });
    await second.gateway.createChatCompletion({ call: undefined, chat: chatOf("Hi there", { max_tokens: 20 }) });
    expect(await others.dryRun({ call: undefined, streamed: false, asked: chat({ max_tokens: 400 }) })).toMatchObject({ admitted: false, refusal: { reason: "BUDGET_HELD" } });
  });

  test("puts what a real request would be refused for into its answer", async () => {
    await using rig = await FallbackRig.start({ allowedModels: { team_1: ["house-*", "o3", "gone", "openai/*"] } });
    const refusal = async (fields: Chat) => (await ask(rig.rig, chat(fields))).refusal;
    expect(await ask(rig.rig, chat({ model: "gpt-4o" }))).toMatchObject({ modelAllowed: false, candidates: [], refusal: { reason: "MODEL_NOT_ALLOWED", metadata: { node_id: "team_1" } } });
    expect(await refusal({ model: "gone" })).toMatchObject({ reason: "MODEL_NOT_FOUND" });
    const unpriced = await ask(rig.rig, chat({ model: "openai/gpt-99" }));
    expect(unpriced).toMatchObject({ modelAllowed: true, refusal: { reason: "PRICE_UNKNOWN" }, candidates: [{ provider: "openai", worstCost: undefined, price: undefined, failure: { reason: "PRICE_UNKNOWN" } }] });
    const conditions = [{ field: "model", operator: RouteOperator.ROUTE_OPERATOR_EQUALS, values: ["house-closed"] }];
    rig.rig.peers.config.push({ $case: "routeRule", value: { ...RouteRule.create({ id: "closed", version: 4n, conditions, deny: "Not today." }) } });
    await expect.poll(() => refusal({ model: "house-closed" })).toMatchObject({ reason: "MODEL_NOT_ALLOWED", message: "Not today." });
    expect(await ask(rig.rig, chat({ model: "house-closed" }))).toMatchObject({ modelAllowed: true, routeRule: { id: "closed", version: 4n } });
    expectUntouched(rig.rig);
  });

  test("tells the rule, and which candidates cannot serve it", async () => {
    await using rig = await FallbackRig.start();
    const conditions = [{ field: "model", operator: RouteOperator.ROUTE_OPERATOR_EQUALS, values: ["smart"] }];
    const rule = RouteRule.create({ id: "smart", version: 2n, conditions, targets: [{ model: "anthropic/claude-opus-4-5", weight: undefined }], fallbacks: ["openai/gpt-4o-mini"] });
    rig.rig.peers.config.push({ $case: "routeRule", value: rule });
    const asked = chat({ model: "smart", logprobs: true });
    await expect.poll(async () => (await ask(rig.rig, asked)).routeRule?.id).toBe("smart");
    expect(await ask(rig.rig, asked)).toMatchObject({
      admitted: true, provider: "openai", routeRule: { id: "smart", version: 2n },
      candidates: [{ provider: "anthropic", failure: { reason: "FEATURE_UNSUPPORTED" } }, { provider: "openai", failure: undefined }],
    });
  });

  test("counts against the key's requests per minute, and says when they are used up", async () => {
    await using rig = await Rig.start({ peers: { keys: [keyOf("key_1", SECRET, { requestsPerMinute: 2 })] } });
    expect((await ask(rig, chat())).rateLimit).toMatchObject({ limit: 2, remaining: 1 });
    await ask(rig, chat());
    expect(await ask(rig, chat())).toMatchObject({ admitted: false, modelAllowed: undefined, refusal: { reason: "RATE_LIMITED", metadata: { limit: "2" } } });
  });

  test("of what is wrong with a request is an error", async () => {
    await using rig = await Rig.start();
    expect(await failureOf(ask(rig, chat({ model: "two words" })))).toMatchObject({ code: "INVALID_ARGUMENT", metadata: { field: "model" } });
    expect(await failureOf(ask(rig, chat({ service_tier: "priority" })))).toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(await failureOf(rig.gateway.dryRun({ call: undefined, streamed: false, asked: undefined }))).toMatchObject({ code: "INVALID_ARGUMENT", metadata: { field: "asked" } });
    expect(await failureOf(rig.gateway.dryRun({ call: undefined, streamed: false, asked: chat() }, { token: "not-a-key-0000000000000000000000000" }))).toMatchObject({ code: "KEY_INVALID" });
  });
});

const TOKENS = [price("input_tokens", 1_000_000_000n), price("output_tokens", 2_000_000_000n)];

const FILE = { filename: "speech.wav", contentType: "audio/wav", content: Buffer.alloc(3_000) };

/** A request of each face, by the name that the contract has for it. */
const FACES: readonly Asked[] = [
  chat({ model: "speaks" }),
  { $case: "message", value: readMessageRequest({ model: "speaks", max_tokens: 10, messages: [{ role: "user", content: "Hi" }] }).message },
  { $case: "response", value: readResponseRequest({ model: "speaks", input: "Hi" }).response },
  { $case: "completion", value: readCompletionRequest({ model: "speaks", prompt: "Hi" }).completion },
  { $case: "embedding", value: readEmbeddingRequest({ model: "speaks", input: "Hi" }) },
  { $case: "moderation", value: readModerationRequest({ model: "speaks", input: "Hi" }) },
  { $case: "image", value: readImageRequest({ model: "speaks", prompt: "A cat", quality: "low", size: "1024x1024" }).image },
  { $case: "speech", value: readSpeechRequest({ model: "speaks", input: "Hi", voice: "alloy" }) },
  { $case: "transcription", value: { call: undefined, transcription: readTranscriptionRequest({ model: "speaks" }).transcription, file: FILE } },
  { $case: "translation", value: { call: undefined, translation: readTranslationRequest({ model: "speaks" }), file: FILE } },
];

test.each(FACES)("a request of the face $$case is decided", async (asked) => {
  await using rig = await Rig.start({ peers: { prices: [{ provider: "openai", model: "speaks", meters: [...TOKENS, price("output_image_tokens", 30_000_000_000n)] }] } });
  const told = await ask(rig, asked);
  expect(told).toMatchObject({ admitted: true, operation: asked.$case, provider: "openai", hold: { granted: true } });
  expect(told.hold?.cost?.value).toBeGreaterThan(0n);
  expect((await rig.gateway.estimatePrice({ subject: { $case: "request", value: { call: undefined, streamed: false, asked } } })).candidates[0]?.worstCost).toEqual(told.candidates[0]?.worstCost);
  expectUntouched(rig);
});

describe("an estimate", () => {
  const usage = (model: string, quantities: Readonly<Record<string, number>>) => {
    const listed = Object.entries(quantities).map(([meter, quantity]) => ({ meter, quantity: BigInt(quantity) }));
    return { subject: { $case: "usage" as const, value: { model, quantities: listed } } };
  };

  test("prices quantities wherever the model is served", async () => {
    await using rig = await FallbackRig.start({ weights: [1, 0] });
    const told = await rig.rig.gateway.estimatePrice(usage(MODEL, { input_tokens: 1_000, output_tokens: 500 }));
    expect(told).toMatchObject({ requestedModel: MODEL, routeRule: undefined, moreCandidates: 0 });
    expect(told.candidates.map(({ provider, worstCost, leastCost }) => [provider, worstCost?.value, leastCost?.value])).toEqual([
      ["openai", 2_000_000n, 2_000_000n], ["anthropic", 4_000_000n, 4_000_000n],
    ]);
    expect(told.priceRevision).toBeGreaterThan(0n);
    expectUntouched(rig.rig);
  });

  test("refuses what costs more than an amount holds", async () => {
    await using rig = await Rig.start({ peers: { prices: [{ provider: "openai", model: "dear", meters: [price("input_tokens", 10_000_000_000n)] }] } });
    const told = await rig.gateway.estimatePrice(usage("dear", { input_tokens: 9e14 }));
    expect(told.candidates[0]?.worstCost?.value).toBe(9_000_000_000_000_000_000n);
    expect(await failureOf(rig.gateway.estimatePrice(usage("dear", { input_tokens: 1e15 })))).toMatchObject({ code: "INVALID_ARGUMENT", metadata: { field: "quantities" } });
  });

  test("refuses what has no price, what may not be used, and what cannot be counted", async () => {
    await using rig = await FallbackRig.start({ allowedModels: { team_1: ["house-*", "openai/*"] } });
    const refused = (model: string, quantities: Readonly<Record<string, number>>) => failureOf(rig.rig.gateway.estimatePrice(usage(model, quantities)));
    expect(await refused("openai/gpt-99", { input_tokens: 1 })).toMatchObject({ code: "PRICE_UNKNOWN" });
    expect(await refused(MODEL, { pages: 3 })).toMatchObject({ code: "PRICE_UNKNOWN", metadata: { meters: "pages" } });
    expect(await refused("gpt-4o", { input_tokens: 1 })).toMatchObject({ code: "MODEL_NOT_ALLOWED" });
    expect(await refused(MODEL, {})).toMatchObject({ code: "INVALID_ARGUMENT", metadata: { field: "quantities" } });
    expect(await refused(MODEL, { input_tokens: -1 })).toMatchObject({ code: "INVALID_ARGUMENT", metadata: { field: "quantities.input_tokens" } });
  });
});
