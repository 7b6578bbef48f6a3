import { AttemptOutcome, UsageSource } from "@alfred/contracts";
import { describe, expect, test } from "vitest";
import { Rig, chatOf, failureOf, hear, textOf } from "./rig.ts";

const WITH_USAGE = { stream_options: { include_usage: true } };

const ask = (rig: Rig, content: string, fields: Readonly<Record<string, unknown>> = {}, options: { signal?: AbortSignal } = {}) =>
  rig.gateway.streamChatCompletion({ call: undefined, chat: chatOf(content, fields) }, options);

describe("a streamed chat", () => {
  test("comes as started, chunks, ended, and is settled before it ends", async () => {
    await using rig = await Rig.start();
    const heard = await hear(ask(rig, "Hello, world!"));
    expect(heard.error).toBeUndefined();
    expect(textOf(heard)).toBe("You said: Hello, world!");
    expect(heard.events[0]).toMatchObject({ $case: "started", value: { provider: "openai", model: "gpt-4o-mini", attempts: 1 } });
    const ended = heard.events.at(-1);
    expect(ended).toMatchObject({ $case: "ended", value: { receipt: { usageSource: UsageSource.USAGE_SOURCE_REPORTED } } });
    const cost = ended?.$case === "ended" ? ended.value.receipt?.cost?.value : undefined;
    await rig.peers.wallet.settled();
    expect(cost).toBe(rig.peers.wallet.posted);
    expect(rig.peers.wallet.held).toBe(0n);
    const [record] = await rig.peers.recorded(1);
    expect(record).toMatchObject({ streamed: true, outcome: AttemptOutcome.ATTEMPT_OUTCOME_ANSWERED, cost: { value: cost } });
    expect(record?.firstByteMs).toBeGreaterThanOrEqual(0n);
  });

  test("asks the provider for usage and keeps it from a client that did not ask", async () => {
    await using rig = await Rig.start();
    const { events } = await hear(ask(rig, "Hi"));
    const chunks = events.flatMap((event) => (event.$case === "chunk" ? [event.value] : []));
    expect(JSON.parse(rig.sim.requests.last?.body ?? "")).toMatchObject({ stream: true, stream_options: { include_usage: true } });
    expect(chunks.every(({ usage, alfred, extra, choices }) => usage === undefined && alfred === undefined && extra["usage"] === undefined && choices.length > 0)).toBe(true);
  });

  test("tells usage and cost once, last, to a client that asked", async () => {
    await using rig = await Rig.start();
    const { events } = await hear(ask(rig, "Hi", WITH_USAGE));
    const chunks = events.flatMap((event) => (event.$case === "chunk" ? [event.value] : []));
    expect(chunks.filter(({ usage }) => usage !== undefined)).toHaveLength(1);
    const last = chunks.at(-1);
    expect(last?.choices).toEqual([]);
    expect(last?.usage?.totalTokens).toBe(4n + 4n);
    await rig.peers.wallet.settled();
    expect(last?.alfred).toMatchObject({ provider: "openai", cost: { value: rig.peers.wallet.posted } });
    expect(chunks[0]?.extra["usage"]).toBe("null");
  });

  test("without reported usage is counted", async () => {
    await using rig = await Rig.start({ sim: { behaviour: { noUsage: true } } });
    const { events } = await hear(ask(rig, "Hello, world!", WITH_USAGE));
    const chunks = events.flatMap((event) => (event.$case === "chunk" ? [event.value] : []));
    expect(chunks.at(-1)).toMatchObject({ usage: { promptTokens: 11n, completionTokens: 7n }, alfred: { usageSource: UsageSource.USAGE_SOURCE_ESTIMATED } });
  });

  test.each(["split_bytes=1", "crlf", "comments", "extras", "no_done"])("survives [[sim: %s]]", async (directive) => {
    await using rig = await Rig.start();
    const heard = await hear(ask(rig, `Grüße [[sim: ${directive}]]`));
    expect(heard.error).toBeUndefined();
    expect(textOf(heard)).toBe("You said: Grüße");
    expect(heard.events.at(-1)?.$case).toBe("ended");
  });

  test.each([
    ["cut_after=4", "PROVIDER_STREAM_BROKEN"],
    ["truncate_after=4", "PROVIDER_STREAM_BROKEN"],
    ["error_after=4", "PROVIDER_STREAM_BROKEN"],
    ["malformed_after=4", "PROVIDER_MALFORMED"],
    ["stall_after=4", "PROVIDER_TIMEOUT"],
  ])("that ends in [[sim: %s]] fails as %s and is charged for what was streamed", async (directive, code) => {
    await using rig = await Rig.start({ env: { ALFRED_UPSTREAM_IDLE_TIMEOUT_MS: "300" } });
    // The third frame carries the second token: "You said".
    const heard = await hear(ask(rig, `a b c d e f g [[sim: ${directive} chunk_delay_ms=1]]`));
    expect(heard.error).toMatchObject({ code });
    expect(heard.error?.metadata["provider"]).toBe("openai");
    expect(textOf(heard)).toBe("You said:");
    const [record] = await rig.peers.recorded(1);
    expect(record).toMatchObject({ outcome: AttemptOutcome.ATTEMPT_OUTCOME_BROKEN, reason: code, source: UsageSource.USAGE_SOURCE_ESTIMATED });
    expect(record?.quantities.find(({ meter }) => meter === "output_tokens")?.quantity).toBe(3n);
    await rig.peers.wallet.settled();
    expect(record?.cost?.value).toBe(rig.peers.wallet.posted);
    expect(rig.peers.wallet.posted).toBeGreaterThan(3n * 2_000n);
    expect(rig.peers.wallet.held).toBe(0n);
    expect(rig.sim.requests.length).toBe(1);
  });

  test("answered with a page instead of a stream fails and costs nothing", async () => {
    await using rig = await Rig.start();
    const { events, error } = await hear(ask(rig, "Hi [[sim: non_json]]"));
    expect(events).toEqual([]);
    expect(error).toMatchObject({ code: "PROVIDER_MALFORMED" });
    await rig.peers.wallet.settled();
    expect(rig.peers.wallet.posted).toBe(0n);
  });
});

describe("a client that goes away", () => {
  test("ends the provider's work at once and pays for what was streamed, where it is not read on", async () => {
    await using rig = await Rig.start({ env: { ALFRED_GATEWAY_DRAIN_MS: "0" } });
    const stream = ask(rig, "Hi [[sim: tokens=1000 chunk_delay_ms=20]]")[Symbol.asyncIterator]();
    for (let seen = 0; seen < 4; seen += 1) await stream.next();
    await stream.return?.();
    const request = await rig.sim.requests.waitFor(({ clientDisconnected }) => clientDisconnected);
    expect(request.chunksSent).toBeLessThan(100);
    const [record] = await rig.peers.recorded(1);
    expect(record).toMatchObject({ outcome: AttemptOutcome.ATTEMPT_OUTCOME_CANCELLED, reason: "CANCELLED", source: UsageSource.USAGE_SOURCE_ESTIMATED });
    expect(record?.cost?.value).toBeGreaterThan(0n);
    await rig.peers.wallet.settled();
    expect(record?.cost?.value).toBe(rig.peers.wallet.posted);
    expect(rig.peers.wallet.held).toBe(0n);
  });

  test("while the provider is still silent pays for the prompt", async () => {
    await using rig = await Rig.start();
    const leaving = new AbortController();
    const heard = hear(ask(rig, "Hello, world! [[sim: stall]]", {}, { signal: leaving.signal }));
    await rig.sim.requests.waitFor(({ body }) => body !== "");
    leaving.abort();
    expect((await heard).error).toMatchObject({ code: "CANCELLED" });
    await rig.sim.requests.waitFor(({ clientDisconnected }) => clientDisconnected);
    const [record] = await rig.peers.recorded(1);
    expect(record).toMatchObject({ outcome: AttemptOutcome.ATTEMPT_OUTCOME_CANCELLED, firstByteMs: undefined });
    expect(record?.quantities.map(({ meter }) => meter)).toEqual(["input_tokens", "requests"]);
    await rig.peers.wallet.settled();
    expect(rig.peers.wallet.posted).toBe(record?.cost?.value);
  });

  test("from a whole answer ends it too", async () => {
    await using rig = await Rig.start();
    const leaving = new AbortController();
    const asked = failureOf(rig.gateway.createChatCompletion({ call: undefined, chat: chatOf("Hi [[sim: delay_ms=60000]]") }, { signal: leaving.signal }));
    await rig.sim.requests.waitFor(({ body }) => body !== "");
    leaving.abort();
    expect(await asked).toMatchObject({ code: "CANCELLED" });
    await rig.sim.requests.waitFor(({ clientDisconnected }) => clientDisconnected);
    await rig.peers.recorded(1);
    await rig.peers.wallet.settled();
    expect(rig.peers.wallet.posted).toBeGreaterThan(0n);
    expect(rig.peers.wallet.held).toBe(0n);
  });

  test("while its money is asked for has nothing kept for it", async () => {
    await using rig = await Rig.start();
    const asking = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<void>();
    rig.peers.wallet.before.acquire = () => {
      asking.resolve();
      return answer.promise;
    };
    const leaving = new AbortController();
    const asked = failureOf(rig.gateway.createChatCompletion({ call: undefined, chat: chatOf("Hi") }, { signal: leaving.signal }));
    await asking.promise;
    leaving.abort();
    expect(await asked).toMatchObject({ code: "CANCELLED" });
    answer.resolve();
    await expect.poll(() => rig.peers.wallet.books.size).toBe(1);
    await rig.peers.wallet.settled();
    expect(rig.peers.wallet.posted).toBe(0n);
    expect(rig.sim.requests.length).toBe(0);
  });

  test("slow to read holds the provider back", async () => {
    await using rig = await Rig.start();
    const stream = ask(rig, "Hi [[sim: tokens=100000]]", { max_tokens: 100_000 })[Symbol.asyncIterator]();
    for (let seen = 0; seen < 3; seen += 1) await stream.next();
    // Nothing is read from here on, so the provider comes to a halt once every buffer between is full.
    const sent = (): number => rig.sim.requests.last?.chunksSent ?? 0;
    let before = -1;
    await expect.poll(() => {
      const isStill = sent() === before;
      before = sent();
      return isStill;
    }, { interval: 300, timeout: 20_000 }).toBe(true);
    expect(sent()).toBeLessThan(80_000);
    let tokens = 3;
    for (let step = await stream.next(); step.done !== true; step = await stream.next()) tokens += 1;
    expect(tokens).toBeGreaterThan(100_000);
    expect(sent()).toBeGreaterThan(100_000);
  });
});
