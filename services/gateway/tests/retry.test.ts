import { AttemptOutcome } from "@alfred/contracts";
import { formatUsd } from "@alfred/money";
import { describe, expect, test } from "vitest";
import { Rig, UPSTREAM_SECRET, chatOf, failureOf, hear, textOf } from "./rig.ts";

const ask = (rig: Rig, content: string, options: { timeoutMs?: number } = {}) =>
  rig.gateway.createChatCompletion({ call: undefined, chat: chatOf(content) }, options);

describe("a provider that fails before its first byte", () => {
  test.each(["status=500", "status=503", "status=429 retry_after_s=0", "status=408", "status=409"])(
    "with [[sim: %s]] is called again, and each attempt is on record",
    async (directive) => {
      await using rig = await Rig.start();
      const { completion, receipt } = await ask(rig, `Hi [[sim: ${directive} fail_first=2]]`);
      expect(completion?.choices[0]?.message?.content?.value).toBe("You said: Hi");
      expect(receipt?.attempts).toBe(3);
      const records = await rig.peers.recorded(3);
      expect(records.map(({ recordId }) => recordId.split("/").at(-1))).toEqual(["1", "2", "3"]);
      expect(records.map(({ outcome }) => outcome)).toEqual([
        AttemptOutcome.ATTEMPT_OUTCOME_FAILED, AttemptOutcome.ATTEMPT_OUTCOME_FAILED, AttemptOutcome.ATTEMPT_OUTCOME_ANSWERED,
      ]);
      await rig.peers.wallet.settled();
      expect(records.map(({ cost }) => cost?.value)).toEqual([0n, 0n, rig.peers.wallet.posted]);
      expect(rig.peers.wallet.acquires).toHaveLength(1);
    },
  );

  test("is called again for a stream, too", async () => {
    await using rig = await Rig.start();
    const heard = await hear(rig.gateway.streamChatCompletion({ call: undefined, chat: chatOf("Hi [[sim: status=502 fail_first=1]]") }));
    expect(textOf(heard)).toBe("You said: Hi");
    expect(heard.events[0]).toMatchObject({ $case: "started", value: { attempts: 2 } });
  });

  test("is given up after three attempts, which cost nothing", async () => {
    await using rig = await Rig.start();
    const failure = await failureOf(ask(rig, "Hi [[sim: status=503]]"));
    expect(failure).toMatchObject({ code: "PROVIDER_UNAVAILABLE", metadata: { provider: "openai", attempts: "3" } });
    expect(failure.metadata).not.toHaveProperty("cost_usd");
    expect(rig.sim.requests.length).toBe(3);
    expect((await rig.peers.recorded(3)).every(({ reason }) => reason === "PROVIDER_UNAVAILABLE")).toBe(true);
    await rig.peers.wallet.settled();
    expect(rig.peers.wallet.posted).toBe(0n);
    expect(rig.peers.wallet.held).toBe(0n);
  });

  test("and asks for a longer pause than is waited for, is not called again", async () => {
    await using rig = await Rig.start();
    const failure = await failureOf(ask(rig, "Hi [[sim: status=429 retry_after_s=60]]"));
    expect(failure).toMatchObject({ code: "PROVIDER_RATE_LIMITED", metadata: { provider: "openai", retry_after: "60" } });
    expect(rig.sim.requests.length).toBe(1);
  });

  test("and cannot be reached at all, is unavailable", async () => {
    await using rig = await Rig.start();
    await rig.sim.refuse();
    expect(await failureOf(ask(rig, "Hi"))).toMatchObject({ code: "PROVIDER_UNAVAILABLE", metadata: { attempts: "3" } });
    await rig.peers.wallet.settled();
    expect(rig.peers.wallet.held).toBe(0n);
  });

  test("by breaking a new connection after it was asked is not called again, since it may have billed the prompt", async () => {
    await using rig = await Rig.start();
    const failure = await failureOf(ask(rig, "Hi [[sim: reset fail_first=1]]"));
    expect(failure).toMatchObject({ code: "PROVIDER_STREAM_BROKEN", metadata: { provider: "openai" } });
    expect(rig.sim.requests.length).toBe(1);
    await rig.peers.wallet.settled();
    expect(rig.peers.wallet.posted).toBeGreaterThan(0n);
    expect(failure.metadata["cost_usd"]).toBe(formatUsd(rig.peers.wallet.posted));
    expect(rig.peers.wallet.held).toBe(0n);
  });

  test("by breaking a connection that stood idle is called again on a new one, free of charge", async () => {
    await using rig = await Rig.start();
    await ask(rig, "Hi");
    const { receipt } = await ask(rig, "Hi [[sim: reset fail_first=1]]");
    expect(receipt?.attempts).toBe(2);
    const records = await rig.peers.recorded(3);
    expect(records.filter(({ cost }) => cost?.value === 0n)).toHaveLength(1);
  });

  test("by breaking an idle connection later than at once is not called again", async () => {
    await using rig = await Rig.start();
    await ask(rig, "Hi");
    const failure = await failureOf(ask(rig, "Hi [[sim: reset delay_ms=1200]]"));
    expect(failure.code).toBe("PROVIDER_STREAM_BROKEN");
    expect(rig.sim.requests.length).toBe(2);
  });

  test("by silence is not called again, since it may have billed the prompt", async () => {
    await using rig = await Rig.start({ env: { ALFRED_UPSTREAM_FIRST_BYTE_TIMEOUT_MS: "200" } });
    expect(await failureOf(ask(rig, "Hi [[sim: stall]]"))).toMatchObject({ code: "PROVIDER_TIMEOUT" });
    expect(rig.sim.requests.length).toBe(1);
    await rig.peers.wallet.settled();
    expect(rig.peers.wallet.posted).toBeGreaterThan(0n);
  });

  test("is given up at the end of the time for the whole request", async () => {
    await using rig = await Rig.start({ env: { ALFRED_GATEWAY_REQUEST_TIMEOUT_MS: "200" } });
    expect(await failureOf(ask(rig, "Hi [[sim: stall]]"))).toMatchObject({ code: "PROVIDER_TIMEOUT" });
    await rig.sim.requests.waitFor(({ clientDisconnected }) => clientDisconnected);
  });

  test("is given up at the caller's deadline", async () => {
    await using rig = await Rig.start();
    expect(await failureOf(ask(rig, "Hi [[sim: stall]]", { timeoutMs: 200 }))).toMatchObject({ code: "DEADLINE_EXCEEDED" });
    await rig.sim.requests.waitFor(({ clientDisconnected }) => clientDisconnected);
    await rig.peers.wallet.settled();
  });
});

describe("a provider that refuses", () => {
  test("a wrong request is passed on as the client's mistake", async () => {
    await using rig = await Rig.start();
    const failure = await failureOf(rig.gateway.createChatCompletion({ call: undefined, chat: chatOf("Hi", { temperature: 9 }) }));
    expect(failure).toMatchObject({ code: "PROVIDER_REJECTED", metadata: { provider: "openai", status: "400", param: "temperature" } });
    expect(failure.message).toContain("temperature");
    expect(rig.sim.requests.length).toBe(1);
    await rig.peers.wallet.settled();
    expect(rig.peers.wallet.posted).toBe(0n);
    expect(rig.peers.wallet.held).toBe(0n);
  });

  test("our credentials is told without them", async () => {
    await using rig = await Rig.start({ sim: { apiKeys: ["another-key-0123456789"] } });
    const failure = await failureOf(ask(rig, "Hi"));
    expect(failure.code).toBe("PROVIDER_UNAUTHENTICATED");
    expect(JSON.stringify([failure.message, failure.metadata])).not.toContain(UPSTREAM_SECRET.slice(-4));
    expect(rig.sim.requests.length).toBe(1);
  });

  test.each([
    ["non_json", "PROVIDER_MALFORMED", false],
    ["malformed_after=1", "PROVIDER_MALFORMED", true],
    ["cut_after=1", "PROVIDER_STREAM_BROKEN", true],
  ])("to make sense with [[sim: %s]] is %s", async (directive, code, isCharged) => {
    await using rig = await Rig.start();
    expect(await failureOf(ask(rig, `Hi [[sim: ${directive}]]`))).toMatchObject({ code });
    await rig.peers.wallet.settled();
    expect(rig.peers.wallet.posted > 0n).toBe(isCharged);
    expect(rig.peers.wallet.held).toBe(0n);
  });

  test("for want of the operator's credit is not the client's budget", async () => {
    await using rig = await Rig.start();
    const failure = await failureOf(ask(rig, "Hi [[sim: status=429 error_code=insufficient_quota]]"));
    expect(failure.code).toBe("PROVIDER_UNAVAILABLE");
    expect(rig.sim.requests.length).toBe(1);
  });
});
