import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fail } from "@alfred/errors";
import { describe, expect, test } from "vitest";
import { SECRET, keyOf } from "./peers.ts";
import { Rig, chatOf, failureOf, hear } from "./rig.ts";

const REPEATED = { requestId: "order-1", idempotent: true, clientRequestId: "", tags: {}, routeHeaders: {} };

const ask = (rig: Rig, content: string, fields: Readonly<Record<string, unknown>> = {}, call = REPEATED) =>
  rig.gateway.createChatCompletion({ call, chat: chatOf(content, fields) });

describe("a repeated request", () => {
  test("that was answered is neither answered nor charged again", async () => {
    await using rig = await Rig.start();
    await ask(rig, "Hi");
    const { posted } = rig.peers.wallet;
    expect(posted).toBeGreaterThan(0n);
    expect(await failureOf(ask(rig, "Hi"))).toMatchObject({ code: "REQUEST_ALREADY_ANSWERED" });
    expect(rig.sim.requests.length).toBe(1);
    expect(rig.peers.wallet.posted).toBe(posted);
  });

  test("with another body is refused, and so is one that streams", async () => {
    await using rig = await Rig.start();
    await ask(rig, "Hi", { max_tokens: 10 });
    expect(await failureOf(ask(rig, "Ho", { max_tokens: 10 }))).toMatchObject({ code: "REQUEST_ID_REUSED" });
    const streamed = await hear(rig.gateway.streamChatCompletion({ call: REPEATED, chat: chatOf("Hi", { max_tokens: 10 }) }));
    expect(streamed.error).toMatchObject({ code: "REQUEST_ID_REUSED" });
  });

  test("that is under way has to wait", async () => {
    await using rig = await Rig.start();
    const first = ask(rig, "Hi [[sim: delay_ms=300]]");
    await rig.sim.requests.waitFor(({ body }) => body !== "");
    expect(await failureOf(ask(rig, "Hi [[sim: delay_ms=300]]"))).toMatchObject({ code: "REQUEST_IN_PROGRESS" });
    await first;
  });

  test("that failed without a charge is tried again", async () => {
    await using rig = await Rig.start({ env: { ALFRED_UPSTREAM_MAX_ATTEMPTS: "1" } });
    const content = "Hi [[sim: status=500 fail_first=1]]";
    expect(await failureOf(ask(rig, content))).toMatchObject({ code: "PROVIDER_UNAVAILABLE" });
    const { receipt } = await ask(rig, content);
    expect(receipt?.requestId).toBe("order-1");
    expect(rig.peers.wallet.calls.filter((call) => call.startsWith("reserve"))).toEqual([
      "reserve key_1/chat/order-1/1", "reserve key_1/chat/order-1/1", "reserve key_1/chat/order-1/2",
    ]);
    const records = await rig.peers.recorded(2);
    expect(records.map(({ recordId }) => recordId)).toEqual(["key_1/chat/order-1/1", "key_1/chat/order-1/2.1"]);
  });

  test("that was denied is tried again once there is money", async () => {
    await using rig = await Rig.start({ peers: { budget: 10n } });
    expect(await failureOf(ask(rig, "Hi"))).toMatchObject({ code: "INSUFFICIENT_QUOTA", metadata: { account: "key_1", left: "10" } });
    rig.peers.wallet.budget = 1_000_000_000n;
    await ask(rig, "Hi");
    await rig.peers.wallet.settled();
    expect(rig.peers.wallet.posted).toBeGreaterThan(0n);
  });

  test("whose caller went away while the wallet was asked keeps nothing, and is tried again", async () => {
    await using rig = await Rig.start();
    const asking = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<void>();
    rig.peers.wallet.before.reserve = () => {
      asking.resolve();
      return answer.promise;
    };
    const leaving = new AbortController();
    const left = failureOf(rig.gateway.createChatCompletion({ call: REPEATED, chat: chatOf("Hi") }, { signal: leaving.signal }));
    await asking.promise;
    leaving.abort();
    expect(await left).toMatchObject({ code: "CANCELLED" });
    answer.resolve();
    rig.peers.wallet.before = {};
    await expect.poll(() => rig.peers.wallet.books.size).toBe(1);
    await rig.peers.wallet.settled();
    expect(rig.sim.requests.length).toBe(0);
    await ask(rig, "Hi");
    expect(rig.peers.wallet.posted).toBeGreaterThan(0n);
  });

  test("of another key under the same id is another request", async () => {
    const other = "key-of-the-gateway-tests-000000000002";
    await using rig = await Rig.start({ peers: { keys: [keyOf("key_1", SECRET), keyOf("key_2", other)] } });
    await ask(rig, "Hi");
    await rig.gateway.createChatCompletion({ call: REPEATED, chat: chatOf("Ho") }, { token: other });
    expect((await rig.peers.recorded(2)).map(({ keyId }) => keyId)).toEqual(["key_1", "key_2"]);
  });
});

describe("a request", () => {
  const next = (rig: Rig, content = "Hi", fields: Readonly<Record<string, unknown>> = {}) =>
    rig.gateway.createChatCompletion({ call: undefined, chat: chatOf(content, fields) });

  test("takes the price of the model's longest answer where the client named none, and gives back what it did not use", async () => {
    await using rig = await Rig.start();
    const { receipt } = await next(rig);
    const tokens = BigInt(Buffer.byteLength(rig.sim.requests.last?.body ?? ""));
    expect(rig.peers.wallet.acquires[0]?.demands.map(({ minimum }) => minimum)).toEqual([tokens * 1_000n + 16_384n * 2_000n, tokens + 16_384n]);
    await rig.peers.wallet.settled();
    expect(rig.peers.wallet.posted).toBe(receipt?.cost?.value);
  });

  test("after another is decided from memory", async () => {
    await using rig = await Rig.start({ env: { ALFRED_GATEWAY_LEASE_IDLE_MS: "60000" } });
    for (let served = 0; served < 4; served += 1) await next(rig);
    expect(rig.peers.wallet.acquires).toHaveLength(1);
    expect(await rig.registry.metrics()).toContain('alfred_gateway_admissions_total{by="memory"} 3');
  });

  test("that does not fit is counted more closely before it is denied", async () => {
    const long = "hello ".repeat(2_000);
    // 12,000 bytes, but some 2,000 tokens.
    await using rig = await Rig.start({ peers: { budget: 3_000_000n } });
    const { receipt } = await next(rig, long, { max_tokens: 64 });
    expect(receipt?.cost?.value).toBeLessThan(3_000_000n);
    const [first, second] = rig.peers.wallet.acquires.map(({ demands }) => demands[0]?.minimum ?? 0n);
    expect(first).toBeGreaterThan(3_000_000n);
    expect(second).toBeLessThan(3_000_000n);
  });

  test("is not counted more closely where even the answer alone does not fit, and no provider is called", async () => {
    await using rig = await Rig.start({ peers: { budget: 1_000n } });
    expect(await failureOf(next(rig, "Hi", { max_tokens: 64 }))).toMatchObject({
      code: "INSUFFICIENT_QUOTA", metadata: { account: "key_1", unit: "usd", limit: "1000", left: "1000" },
    });
    expect(rig.peers.wallet.acquires).toHaveLength(1);
    expect(rig.sim.requests.length).toBe(0);
    expect(await rig.registry.metrics()).toContain('alfred_gateway_denials_total{reason="INSUFFICIENT_QUOTA"} 1');
  });

  test("is charged above what was held where the provider goes past it", async () => {
    const usage = { prompt_tokens: 5_000, completion_tokens: 70_000, total_tokens: 75_000 };
    const choices = [{ index: 0, message: { role: "assistant", content: "Hello" }, finish_reason: "stop" }];
    const body = JSON.stringify({ id: "x", object: "chat.completion", created: 1, model: "m", choices, usage });
    const provider = createServer((_, response) => response.writeHead(200, { "content-type": "application/json" }).end(body));
    await once(provider.listen(0, "127.0.0.1"), "listening");
    await using rig = await Rig.start({ baseUrl: () => `http://127.0.0.1:${(provider.address() as AddressInfo).port}` });
    const { receipt } = await next(rig, "Hi", { max_tokens: 2 });
    expect(receipt?.cost?.value).toBe(5_000n * 1_000n + 70_000n * 2_000n);
    await rig.peers.wallet.settled();
    expect(rig.peers.wallet.posted).toBe(receipt?.cost?.value);
    provider.close();
  });

  test("is one of exactly as many as there is money for", async () => {
    await using rig = await Rig.start({ peers: { budget: 7_000n } });
    const asked = Array.from({ length: 50 }, () => rig.gateway.createChatCompletion({ call: undefined, chat: chatOf("Hi", { model: "flat-model" }) }));
    const results = await Promise.allSettled(asked);
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(7);
    await rig.peers.wallet.settled();
    expect(rig.peers.wallet.posted).toBe(7_000n);
  });
});

describe("a wallet that is away", () => {
  test("before the provider is called is asked until the request has waited long enough, and keeps nothing", async () => {
    await using rig = await Rig.start({ env: { ALFRED_GATEWAY_CREDIT_WAIT_MS: "200" } });
    let isAway = true;
    rig.peers.wallet.after.acquire = async () => {
      if (isAway) throw fail("UNAVAILABLE", "The answer got lost.");
    };
    const refused = await failureOf(rig.gateway.createChatCompletion({ call: undefined, chat: chatOf("Hi") }, { retry: false }));
    expect(refused).toMatchObject({ code: "UNAVAILABLE", message: expect.stringContaining("no credit in time") as string });
    expect(rig.sim.requests.length).toBe(0);
    isAway = false;
    // What was granted unheard is heard of, and given back.
    await rig.peers.wallet.settled();
    expect(new Set(rig.peers.wallet.acquires.map(({ requestId }) => requestId)).size).toBe(1);
    expect([rig.peers.wallet.books.size, rig.peers.wallet.posted]).toEqual([1, 0n]);
  });

  test("for a moment is asked again under the same id", async () => {
    await using rig = await Rig.start();
    rig.peers.wallet.after.acquire = async () => {
      rig.peers.wallet.after = {};
      throw fail("INTERNAL", "The answer got lost.");
    };
    const { receipt } = await rig.gateway.createChatCompletion({ call: undefined, chat: chatOf("Hi") });
    await rig.peers.wallet.settled();
    expect(rig.peers.wallet.books.size).toBe(1);
    expect(rig.peers.wallet.posted).toBe(receipt?.cost?.value);
  });

  test("and cannot be asked as it should, is no fault of the client's", async () => {
    await using rig = await Rig.start();
    rig.peers.wallet.before.reserve = () => Promise.reject(fail("INVALID_ARGUMENT", "`ttl` is odd."));
    expect(await failureOf(ask(rig, "Hi"))).toMatchObject({ code: "INTERNAL" });
  });

  test("after the answer does not hold it up, and is told when it is back", async () => {
    await using rig = await Rig.start();
    let isAway = true;
    rig.peers.wallet.before.settle = async () => {
      if (isAway) throw fail("INTERNAL", "The wallet has a bad day.");
    };
    const { receipt } = await rig.gateway.createChatCompletion({ call: undefined, chat: chatOf("Hi") });
    expect(receipt?.cost?.value).toBeGreaterThan(0n);
    expect(rig.peers.wallet.posted).toBe(0n);
    isAway = false;
    await rig.peers.wallet.settled();
    expect(rig.peers.wallet.posted).toBe(receipt?.cost?.value);
  });

  test("is told what it is owed before the gateway stops", async () => {
    await using rig = await Rig.start();
    let failures = 2;
    rig.peers.wallet.before.settle = async () => {
      failures -= 1;
      if (failures >= 0) throw fail("INTERNAL", "The wallet has a bad day.");
    };
    await rig.gateway.createChatCompletion({ call: undefined, chat: chatOf("Hi") });
    expect(rig.peers.wallet.posted).toBe(0n);
    await rig.service[Symbol.asyncDispose]();
    expect(rig.peers.wallet.posted).toBeGreaterThan(0n);
    expect(rig.peers.records.size).toBe(1);
  });
});

describe("a gateway that stops", () => {
  test("lets a stream under way end, and settles it", async () => {
    await using rig = await Rig.start();
    const stream = rig.gateway.streamChatCompletion({ call: undefined, chat: chatOf("Hi [[sim: tokens=20 chunk_delay_ms=10]]") })[Symbol.asyncIterator]();
    await stream.next();
    const stopped = rig.service[Symbol.asyncDispose]();
    let last: string | undefined;
    for (let step = await stream.next(); step.done !== true; step = await stream.next()) last = step.value.event?.$case;
    expect(last).toBe("ended");
    await stopped;
    expect(rig.peers.wallet.held).toBe(0n);
    expect(rig.peers.records.size).toBe(1);
  });
});
