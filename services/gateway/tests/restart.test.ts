import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AttemptOutcome, UsageSource } from "@alfred/contracts";
import { checkHealth } from "@alfred/rpc";
import { describe, expect, test } from "vitest";
import { Rig, chatOf, failureOf } from "./rig.ts";

const ask = (rig: Rig, content = "Hi") => rig.gateway.createChatCompletion({ call: undefined, chat: chatOf(content) }, { retry: false });

/** A folder for journals, and what a process that is killed at this moment would leave of one. */
async function journals(stack: AsyncDisposableStack): Promise<{ readonly journal: string; leave(): Promise<string> }> {
  const folder = await mkdtemp(join(tmpdir(), "alfred-restart-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const journal = join(folder, "journal");
  let left = 0;
  const leave = async (): Promise<string> => {
    left += 1;
    const copy = join(folder, `left ${left}`);
    await cp(journal, copy, { recursive: true });
    return copy;
  };
  return { journal, leave };
}

describe("a gateway that was killed", () => {
  test("charges what it does not know at the worst case when it is back, and says so to metering", async () => {
    await using stack = new AsyncDisposableStack();
    const { journal, leave } = await journals(stack);
    await using first = await Rig.start({ journal });
    const leaving = new AbortController();
    const lost = failureOf(first.gateway.createChatCompletion({ call: undefined, chat: chatOf("Hi [[sim: stall]]") }, { signal: leaving.signal }));
    await first.sim.requests.waitFor(({ body }) => body.includes("stall"));
    const [minimum] = first.peers.wallet.acquires[0]?.demands ?? [];
    await using second = await Rig.start({ journal: await leave(), shared: first.peers });
    const [record] = await first.peers.recorded(1);
    expect(record).toMatchObject({
      outcome: AttemptOutcome.ATTEMPT_OUTCOME_INTERRUPTED, source: UsageSource.USAGE_SOURCE_INDETERMINATE, reason: "INTERRUPTED",
      keyId: "key_1", model: "gpt-4o-mini", cost: { value: minimum?.minimum },
    });
    expect(record?.recordId).toMatch(/\/0$/);
    await expect.poll(() => first.peers.wallet.posted).toBe(minimum?.minimum);
    await ask(second);
    leaving.abort();
    await lost;
  });

  test("reports what it had written down, and metering counts it once", async () => {
    await using stack = new AsyncDisposableStack();
    const { journal, leave } = await journals(stack);
    await using first = await Rig.start({ journal });
    let isAway = true;
    first.peers.before.recordUsage = async () => {
      if (isAway) throw new Error("Metering is away.");
    };
    const { receipt } = await ask(first);
    await first.peers.wallet.settled();
    const left = await leave();
    isAway = false;
    await using second = await Rig.start({ journal: left, shared: first.peers });
    const records = await first.peers.recorded(1);
    expect(records.map(({ outcome, cost }) => [outcome, cost?.value])).toEqual([[AttemptOutcome.ATTEMPT_OUTCOME_ANSWERED, receipt?.cost?.value]]);
    await ask(second);
    expect((await first.peers.recorded(2)).length).toBe(2);
  });

  test("and has another in its place admits nothing more, and what it admitted settles", async () => {
    await using stack = new AsyncDisposableStack();
    const { journal, leave } = await journals(stack);
    await using first = await Rig.start({ journal });
    await ask(first);
    await using second = await Rig.start({ journal: await leave(), shared: first.peers });
    first.peers.wallet.recallStarts();
    await first.service.superseded;
    expect(await failureOf(ask(first))).toMatchObject({ code: "UNAVAILABLE", message: expect.stringContaining("Another start") as string });
    expect(await first.service.isReady()).toBe(false);
    await expect.poll(() => checkHealth(first.service.transport)).toBe(false);
    await ask(second);
  });
});

describe("a gateway whose journal is lost while it runs", () => {
  test("admits nothing more and says why, and what it admitted is charged", async () => {
    await using stack = new AsyncDisposableStack();
    const { journal } = await journals(stack);
    await using rig = await Rig.start({ journal });
    const slow = ask(rig, "Hi [[sim: delay_ms=500]]");
    await rig.sim.requests.waitFor(({ body }) => body.includes("delay_ms"));
    for (const file of await readdir(journal)) if (file.endsWith(".log")) await rm(join(journal, file));
    await expect.poll(() => ask(rig).then(() => "served", ({ message }: Error) => message)).toContain("cannot write its journal");
    expect(await failureOf(ask(rig))).toMatchObject({ code: "UNAVAILABLE", hint: expect.stringContaining("ALFRED_GATEWAY_JOURNAL") as string });
    const called = rig.sim.requests.length;
    expect(await rig.registry.metrics()).toContain("alfred_gateway_halted 1");
    expect(await rig.service.isReady()).toBe(false);
    const { receipt } = await slow;
    await rig.peers.wallet.settled();
    expect(rig.peers.wallet.posted).toBeGreaterThanOrEqual(receipt?.cost?.value ?? 0n);
    const records = await rig.peers.recorded(called);
    expect(records.reduce((sum, { cost }) => sum + (cost?.value ?? 0n), 0n)).toBe(rig.peers.wallet.posted);
  });
});

describe("a gateway that stops", () => {
  test("gives back its leases, and is known to have spent nothing else", async () => {
    await using stack = new AsyncDisposableStack();
    const { journal } = await journals(stack);
    await using first = await Rig.start({ journal, env: { ALFRED_GATEWAY_LEASE_IDLE_MS: "60000" } });
    const { receipt } = await ask(first);
    await first.service[Symbol.asyncDispose]();
    const { wallet } = first.peers;
    expect([wallet.held, wallet.posted]).toEqual([0n, receipt?.cost?.value]);
    await using second = await Rig.start({ journal, shared: first.peers });
    expect(wallet.calls.filter((call) => call.startsWith("hello"))).toEqual(["hello intact", "hello intact"]);
    await ask(second);
  });

  test("without its wallet goes on with what it owes when it starts again", async () => {
    await using stack = new AsyncDisposableStack();
    const { journal } = await journals(stack);
    await using first = await Rig.start({ journal });
    const { wallet } = first.peers;
    wallet.before.settle = () => Promise.reject(new Error("The wallet is away."));
    const { receipt } = await ask(first);
    await first.service[Symbol.asyncDispose]();
    expect(wallet.posted).toBe(0n);
    wallet.before = {};
    await using second = await Rig.start({ journal, shared: first.peers });
    await wallet.settled();
    expect(wallet.posted).toBe(receipt?.cost?.value);
    expect(await second.service.isReady()).toBe(true);
  });

  test("holds its journal until then", async () => {
    await using stack = new AsyncDisposableStack();
    const { journal } = await journals(stack);
    await using first = await Rig.start({ journal });
    await expect(Rig.start({ journal, shared: first.peers })).rejects.toThrow("is in use by");
    await ask(first);
  });
});
