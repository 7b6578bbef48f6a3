import { AttemptOutcome, type BudgetWarning, type ChatCompletionChunk, Period, Unit, UsageSource } from "@alfred/contracts";
import { describe, expect, test } from "vitest";
import { Rig, type Heard, chatOf, failureOf, hear } from "./rig.ts";

const WITH_USAGE = { stream_options: { include_usage: true } };

const complete = (rig: Rig, content: string, fields: Readonly<Record<string, unknown>> = {}) =>
  rig.gateway.createChatCompletion({ call: undefined, chat: chatOf(content, fields) });
const stream = (rig: Rig, content: string, fields: Readonly<Record<string, unknown>> = {}) =>
  hear(rig.gateway.streamChatCompletion({ call: undefined, chat: chatOf(content, fields) }));
const sent = (rig: Rig): Record<string, unknown> => JSON.parse(rig.sim.requests.last?.body ?? "{}") as Record<string, unknown>;
const chunksOf = ({ events }: Heard): ChatCompletionChunk[] => events.flatMap((event) => (event.$case === "chunk" ? [event.value] : []));

describe("an answer that the budget does not pay for in full", () => {
  // 200 tokens at two dollars a million are 400,000 nano-dollars; the prompt takes below 120,000.
  const budget = 300_000n;
  const long = "Hi [[sim: tokens=1000]]";

  test("is denied where the limit says nothing else, and no provider is called", async () => {
    await using rig = await Rig.start({ peers: { budget } });
    expect(await failureOf(complete(rig, long, { max_tokens: 200 }))).toMatchObject({ code: "INSUFFICIENT_QUOTA" });
    expect(rig.sim.requests.length).toBe(0);
  });

  test.each(["max_tokens", "max_completion_tokens"])("is cut to what it pays for where the limit says so, under %s", async (field) => {
    await using rig = await Rig.start({ peers: { budget } });
    rig.peers.wallet.clamps = true;
    const { completion, receipt } = await complete(rig, long, { [field]: 200 });
    const limit = Number(sent(rig)[field]);
    expect(limit).toBeGreaterThan(0);
    expect(limit).toBeLessThan(200);
    expect(completion?.choices[0]?.finishReason).toBe("length");
    expect(completion?.usage?.completionTokens).toBe(BigInt(limit));
    expect(receipt?.cutReason).toBe("budget_clamped");
    await rig.peers.wallet.settled();
    expect(rig.peers.wallet.posted).toBe(receipt?.cost?.value);
    expect(rig.peers.wallet.posted).toBeLessThanOrEqual(budget);
  });

  test("is cut under the provider's name of the limit where the client named none, streamed too", async () => {
    await using rig = await Rig.start({ peers: { budget } });
    rig.peers.wallet.clamps = true;
    const heard = await stream(rig, long, WITH_USAGE);
    expect(heard.error).toBeUndefined();
    expect(sent(rig)["max_tokens"]).toBeUndefined();
    expect(sent(rig)["max_completion_tokens"]).toBeLessThan(200);
    expect(chunksOf(heard).at(-1)?.alfred?.cutReason).toBe("budget_clamped");
  });

  test("does not say so where it came to its end within that", async () => {
    await using rig = await Rig.start({ peers: { budget } });
    rig.peers.wallet.clamps = true;
    const { completion, receipt } = await complete(rig, "Hi", { max_tokens: 200 });
    expect(completion?.choices[0]?.finishReason).toBe("stop");
    expect(receipt?.cutReason).toBe("");
  });

  test("is denied where not even one token is left to pay for", async () => {
    await using rig = await Rig.start({ peers: { budget: 1_000n } });
    rig.peers.wallet.clamps = true;
    expect(await failureOf(complete(rig, long, { max_tokens: 200 }))).toMatchObject({ code: "INSUFFICIENT_QUOTA", metadata: { clamp: "true" } });
    expect(rig.sim.requests.length).toBe(0);
  });

  test("is cut once for all repetitions of the request", async () => {
    await using rig = await Rig.start({ peers: { budget } });
    rig.peers.wallet.clamps = true;
    const call = { requestId: "order-1", idempotent: true, clientRequestId: "", tags: {}, routeHeaders: {} };
    const ask = () => rig.gateway.createChatCompletion({ call, chat: chatOf(long, { max_tokens: 200 }) });
    expect((await ask()).receipt?.cutReason).toBe("budget_clamped");
    await rig.peers.wallet.settled();
    expect(await failureOf(ask())).toMatchObject({ code: "REQUEST_ALREADY_ANSWERED" });
    expect(rig.sim.requests.length).toBe(1);
  });
});

describe("a stream that passes its limit", () => {
  const endless = "Hi [[sim: ignore_limit tokens=2000 chunk_delay_ms=0]]";

  test("goes on as long as there is money, and is charged in full", async () => {
    await using rig = await Rig.start();
    const heard = await stream(rig, endless, { max_tokens: 100, ...WITH_USAGE });
    expect(heard.error).toBeUndefined();
    const last = chunksOf(heard).at(-1);
    expect(last?.usage?.completionTokens).toBe(2_000n);
    expect(last?.alfred).toMatchObject({ cutReason: "", usageSource: UsageSource.USAGE_SOURCE_REPORTED });
    await rig.peers.wallet.settled();
    expect(rig.peers.wallet.posted).toBe(last?.alfred?.cost?.value);
    expect((await rig.peers.recorded(1)).map(({ cost }) => cost?.value)).toEqual([rig.peers.wallet.posted]);
  });

  test("ends as at a limit where there is no money for more, with the reason beside it", async () => {
    await using rig = await Rig.start({ peers: { budget: 1_500_000n } });
    const heard = await stream(rig, "Hi [[sim: ignore_limit tokens=4000 chunk_delay_ms=1]]", { max_tokens: 100, ...WITH_USAGE });
    expect(heard.error).toBeUndefined();
    const chunks = chunksOf(heard);
    const end = chunks.find(({ choices }) => choices[0]?.finishReason !== undefined);
    expect(end?.choices[0]?.finishReason).toBe("length");
    expect(end?.alfred?.cutReason).toBe("budget_exhausted");
    expect(chunks.at(-1)?.usage?.completionTokens).toBeGreaterThan(100n);
    expect(heard.events.at(-1)).toMatchObject({ $case: "ended", value: { receipt: { cutReason: "budget_exhausted" } } });
    await rig.sim.requests.waitFor(({ clientDisconnected }) => clientDisconnected);
    await rig.peers.wallet.settled();
    const [record] = await rig.peers.recorded(1);
    expect(record).toMatchObject({ outcome: AttemptOutcome.ATTEMPT_OUTCOME_CUT, reason: "BUDGET_EXHAUSTED", source: UsageSource.USAGE_SOURCE_ESTIMATED });
    expect(rig.peers.wallet.posted).toBe(record?.cost?.value);
  });

  test("of a key that was revoked meanwhile gets no more than it holds", async () => {
    await using rig = await Rig.start();
    const asked = stream(rig, "Hi [[sim: ignore_limit tokens=4000 chunk_delay_ms=5]]", { max_tokens: 100 });
    await rig.sim.requests.waitFor(({ chunksSent }) => chunksSent > 0);
    const key = rig.peers.hashedKeys[0];
    if (key?.key === undefined) throw new Error("There is no key.");
    rig.peers.keys.push({ $case: "key", value: { ...key, key: { ...key.key, revokeTime: new Date() } } });
    const { events, error } = await asked;
    expect(error).toBeUndefined();
    expect(events.at(-1)).toMatchObject({ $case: "ended", value: { receipt: { cutReason: "budget_exhausted" } } });
  });
});

describe("a soft limit that is passed", () => {
  const warning: BudgetWarning = { accountId: "team_1", unit: Unit.UNIT_USD, period: Period.PERIOD_MONTH, soft: 5n, posted: 7n, resetTime: undefined };

  test("is told with the answer, which is served", async () => {
    await using rig = await Rig.start();
    rig.peers.wallet.warnings = [warning];
    expect((await complete(rig, "Hi")).receipt?.warnings).toEqual([warning]);
    const { events } = await stream(rig, "Hi");
    expect(events[0]).toMatchObject({ $case: "started", value: { warnings: [warning] } });
    expect(events.at(-1)).toMatchObject({ $case: "ended", value: { receipt: { warnings: [warning] } } });
  });

  test("is told with the answer of a request that may be repeated", async () => {
    await using rig = await Rig.start();
    rig.peers.wallet.warnings = [warning];
    const call = { requestId: "order-1", idempotent: true, clientRequestId: "", tags: {}, routeHeaders: {} };
    const { receipt } = await rig.gateway.createChatCompletion({ call, chat: chatOf("Hi") });
    expect(receipt?.warnings).toEqual([warning]);
  });
});
