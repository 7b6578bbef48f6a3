import { AttemptOutcome } from "@alfred/contracts";
import type { Behaviour } from "@alfred/provider-sim";
import { readMessageRequest } from "@alfred/anthropic";
import { describe, expect, test } from "vitest";
import { FallbackRig, MODEL } from "./fallback-rig.ts";
import { chatOf, failureOf, hear, textOf } from "./rig.ts";

const ask = ({ rig }: FallbackRig, fields: Readonly<Record<string, unknown>> = {}) =>
  rig.gateway.createChatCompletion({ call: undefined, chat: chatOf("Hi", { model: MODEL, ...fields }) });
const stream = ({ rig }: FallbackRig, fields: Readonly<Record<string, unknown>> = {}) =>
  hear(rig.gateway.streamChatCompletion({ call: undefined, chat: chatOf("Hi", { model: MODEL, ...fields }) }));

describe("the next deployment of a model is called", () => {
  test.each<[string, Behaviour, number, string]>([
    ["at once where the first limits its rate for long", { status: 429, retryAfterS: 60 }, 2, "PROVIDER_RATE_LIMITED"],
    ["at once where it refuses the operator's key", { status: 401 }, 2, "PROVIDER_UNAUTHENTICATED"],
    ["at once where the operator may not use it", { status: 403 }, 2, "PROVIDER_UNAUTHENTICATED"],
    ["at once where the operator's account is empty", { status: 402 }, 2, "PROVIDER_UNAVAILABLE"],
    ["at once where it does not know the model", { status: 404 }, 2, "PROVIDER_REJECTED"],
    ["at once where a page stands in the place of an answer", { nonJson: true }, 2, "PROVIDER_MALFORMED"],
    ["after three tries where it fails", { status: 500 }, 4, "PROVIDER_UNAVAILABLE"],
  ])("%s, and the books say so", async (_, openai, attempts, reason) => {
    await using rig = await FallbackRig.start({ openai });
    const { completion, receipt } = await ask(rig);
    expect(completion?.choices[0]?.message?.content?.value).toBe("You said: Hi");
    expect(receipt).toMatchObject({ provider: "anthropic", model: "claude-opus-4-5", attempts });
    const { records, posted, held, recorded } = await rig.books(attempts);
    expect(records.map(({ provider }) => provider)).toEqual([...Array.from({ length: attempts - 1 }, () => "openai"), "anthropic"]);
    expect(records.slice(0, -1).every((record) => record.reason === reason && record.cost?.value === 0n)).toBe(true);
    expect([posted, held, receipt?.cost?.value]).toEqual([recorded, 0n, recorded]);
    expect(receipt?.attemptsDetail.map((each) => [each.provider, each.reason, each.cost?.value])).toEqual(records.map((record) => [record.provider, record.reason, record.cost?.value]));
  });

  test("where the first is dead, and those that come after it are sent there at once", async () => {
    await using rig = await FallbackRig.start();
    await rig.openai.refuse();
    expect((await ask(rig)).receipt).toMatchObject({ provider: "anthropic", attempts: 4 });
    expect((await ask(rig)).receipt).toMatchObject({ provider: "anthropic", attempts: 1, attemptsDetail: [] });
    expect((await stream(rig)).events[0]).toMatchObject({ $case: "started", value: { provider: "anthropic", attempts: 1 } });
  });

  test("streamed, in another dialect", async () => {
    await using rig = await FallbackRig.start({ openai: { status: 429, retryAfterS: 60 } });
    const heard = await stream(rig, { stream_options: { include_usage: true } });
    expect(textOf(heard)).toBe("You said: Hi");
    const failed = { provider: "openai", model: "gpt-4o-mini", reason: "PROVIDER_RATE_LIMITED", cost: { value: 0n } };
    expect(heard.events[0]).toMatchObject({ $case: "started", value: { provider: "anthropic", attempts: 2, failedAttempts: [failed] } });
    expect(heard.events.at(-1)).toMatchObject({ $case: "ended", value: { receipt: { provider: "anthropic", attempts: 2 } } });
    const { posted, recorded, held } = await rig.books(2);
    expect([posted > 0n, posted, held]).toEqual([true, recorded, 0n]);
  });

  test.each([["OpenAI", [1, 0], "openai"], ["Anthropic", [0, 1], "anthropic"]] as const)("whichever speaks Anthropic's Messages: the first is %s", async (_, weights, first) => {
    await using rig = await FallbackRig.start({ weights, [first]: { status: 503 } });
    const { message } = readMessageRequest({ model: MODEL, max_tokens: 100, messages: [{ role: "user", content: "Hi" }] });
    const heard = await Array.fromAsync(rig.rig.gateway.streamMessage({ call: undefined, message }), ({ event }) => event);
    const types = heard.flatMap((event) => (event?.$case === "piece" ? [event.value.type] : []));
    expect([types[0], types.at(-1)]).toEqual(["message_start", "message_stop"]);
    expect(heard.at(-1)).toMatchObject({ $case: "ended", value: { receipt: { provider: first === "openai" ? "anthropic" : "openai", attempts: 4 } } });
    const answer = await rig.rig.gateway.createMessage({ call: undefined, message });
    expect(answer.message?.content[0]).toMatchObject({ type: "text", text: "You said: Hi" });
  });

  test("for what the first cannot do, without a call to it", async () => {
    await using rig = await FallbackRig.start({ weights: [0, 1] });
    expect((await ask(rig, { logprobs: true })).receipt).toMatchObject({ provider: "openai", attempts: 1 });
    expect(rig.anthropic.requests.length).toBe(0);
  });
});

describe("the next deployment is not called", () => {
  test("where the request itself is at fault", async () => {
    await using rig = await FallbackRig.start();
    expect(await failureOf(ask(rig, { temperature: 9 }))).toMatchObject({ code: "PROVIDER_REJECTED" });
    expect([rig.openai.requests.length, rig.anthropic.requests.length]).toEqual([1, 0]);
  });

  test("where the first was silent, since it may have billed the prompt", async () => {
    await using rig = await FallbackRig.start({ openai: { stall: true }, env: { ALFRED_UPSTREAM_FIRST_BYTE_TIMEOUT_MS: "200" } });
    expect(await failureOf(ask(rig))).toMatchObject({ code: "PROVIDER_TIMEOUT", metadata: { provider: "openai" } });
    expect(rig.anthropic.requests.length).toBe(0);
    const { posted, recorded } = await rig.books(1);
    expect([posted > 0n, posted]).toEqual([true, recorded]);
  });

  test("after the first byte", async () => {
    await using rig = await FallbackRig.start({ openai: { cutAfter: 3 } });
    const heard = await stream(rig);
    expect(heard.error).toMatchObject({ code: "PROVIDER_STREAM_BROKEN" });
    expect(rig.anthropic.requests.length).toBe(0);
  });

  test("where it is dearer than the budget has left", async () => {
    // Held at most: about a hundred bytes of prompt at a dollar a million, and ten tokens of answer at two.
    await using rig = await FallbackRig.start({ openai: { status: 401 }, budget: 200_000n });
    const failure = await failureOf(ask(rig, { max_completion_tokens: 10 }));
    expect(failure).toMatchObject({ code: "PROVIDER_UNAUTHENTICATED", metadata: { provider: "openai" } });
    expect(rig.anthropic.requests.length).toBe(0);
    const { posted, held } = await rig.books(1);
    expect([posted, held]).toEqual([0n, 0n]);
  });

  test("after as many calls as one request may make, and the client is told who failed", async () => {
    await using rig = await FallbackRig.start({ openai: { status: 500 }, anthropic: { status: 500 }, env: { ALFRED_UPSTREAM_MAX_CALLS: "5" } });
    const failure = await failureOf(ask(rig));
    expect(failure).toMatchObject({ code: "PROVIDER_UNAVAILABLE", metadata: { provider: "anthropic", attempts: "5" } });
    expect(failure.metadata["tried"]?.split(", ")).toEqual([
      ...Array.from({ length: 3 }, () => "openai/gpt-4o-mini: PROVIDER_UNAVAILABLE"), ...Array.from({ length: 2 }, () => "anthropic/claude-opus-4-5: PROVIDER_UNAVAILABLE"),
    ]);
    const { posted, held } = await rig.books(5);
    expect([posted, held]).toEqual([0n, 0n]);
  });
});

describe("where what may have been billed is repeated", () => {
  const env = { ALFRED_UPSTREAM_FIRST_BYTE_TIMEOUT_MS: "200", ALFRED_UPSTREAM_REPEAT_BILLED: "true" };

  test.each<[string, Behaviour, string]>([["silence", { stall: true }, "PROVIDER_TIMEOUT"], ["a broken connection", { reset: true }, "PROVIDER_STREAM_BROKEN"]])(
    "%s costs its prompt, the answer its own, and both are charged once",
    async (_, openai, reason) => {
      await using rig = await FallbackRig.start({ openai, env });
      const { receipt } = await ask(rig);
      const { records, posted, held, recorded } = await rig.books(2);
      expect(records.map((each) => [each.provider, each.outcome, each.reason])).toEqual([
        ["openai", AttemptOutcome.ATTEMPT_OUTCOME_FAILED, reason], ["anthropic", AttemptOutcome.ATTEMPT_OUTCOME_ANSWERED, ""],
      ]);
      expect(records.every(({ cost }) => (cost?.value ?? 0n) > 0n)).toBe(true);
      expect(new Set(records.map(({ chargeId }) => chargeId)).size).toBe(2);
      expect([posted, held, receipt?.cost?.value]).toEqual([recorded, 0n, recorded]);
    },
  );

  test("a candidate that there is no money for beside that ends the request, and the first is charged", async () => {
    await using rig = await FallbackRig.start({ openai: { stall: true }, env, budget: 300_000n });
    expect(await failureOf(ask(rig, { max_completion_tokens: 10 }))).toMatchObject({ code: "PROVIDER_TIMEOUT" });
    const { posted, held, recorded } = await rig.books(1);
    expect([posted > 0n, posted, held]).toEqual([true, recorded, 0n]);
  });
});

describe("a deployment that fails", () => {
  const breakers = async ({ rig: { registry } }: FallbackRig) =>
    Object.fromEntries([...(await registry.metrics()).matchAll(/^alfred_gateway_breaker\w+\{provider="openai",state="(\w+)"\} (\d+)$/gm)].map(([line = "", state = "", count]) => [line.includes("changes") ? `to ${state}` : state, Number(count)]));

  test("is called after the others, and again once its pause is over, which the metrics tell", async () => {
    await using rig = await FallbackRig.start({ openai: { status: 503 } });
    expect((await ask(rig)).receipt).toMatchObject({ provider: "anthropic", attempts: 4 });
    expect(await breakers(rig)).toEqual({ closed: 0, open: 1, half_open: 0, "to open": 1 });
    rig.openai.behaviour = {};
    await expect.poll(async () => (await ask(rig)).receipt?.provider, { timeout: 10_000 }).toBe("openai");
    await expect.poll(async () => (await ask(rig), breakers(rig)), { timeout: 10_000 }).toMatchObject({ closed: 1, open: 0, half_open: 0, "to half_open": 1, "to closed": 1 });
  });

  test("is called all the same where there is no other", async () => {
    await using rig = await FallbackRig.start({ openai: { status: 503 }, anthropic: { status: 503 } });
    expect(await failureOf(ask(rig))).toMatchObject({ code: "PROVIDER_UNAVAILABLE", metadata: { attempts: "6" } });
    [rig.openai.behaviour, rig.anthropic.behaviour] = [{}, {}];
    expect((await ask(rig)).receipt).toMatchObject({ attempts: 1 });
  });

  test("is not asked several times as much: of what is under way a part is repeated", async () => {
    await using rig = await FallbackRig.start({ openai: { status: 503, delayMs: 300 } });
    const failures = await Promise.all(Array.from({ length: 40 }, () => failureOf(ask(rig, { model: "openai/gpt-4o-mini" }))));
    expect(new Set(failures.map(({ code }) => code))).toEqual(new Set(["PROVIDER_UNAVAILABLE"]));
    // Three times each would be 120.
    expect(rig.openai.requests.length).toBeLessThan(100);
  });
});
