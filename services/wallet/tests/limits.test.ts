import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ledgerFaults } from "./ledger-audit.ts";
import { balanceOf, limit, pathOf, Period, reserved, reserveRequest, settleRequest, Unit, WalletRig } from "./wallet-rig.ts";
import type { RunningWallet, WalletClient } from "./wallet-rig.ts";

let rig: WalletRig;
let wallet: RunningWallet;
let client: WalletClient;

beforeAll(async () => {
  rig = await WalletRig.create();
  wallet = await rig.startWallet();
  client = wallet.client();
});
afterAll(() => rig[Symbol.asyncDispose]());

async function spend(organisationId: string, value: bigint, changes: Parameters<typeof pathOf>[2] = {}, timeZone = ""): Promise<void> {
  const id = await reserved(client, pathOf(organisationId, "a", changes, timeZone), value);
  await client.settle(settleRequest(id, organisationId, value));
}

function setLimit(accountId: string, hard: bigint | undefined, period: Period, requestId = `set_${accountId}_${hard}_${period}`): ReturnType<WalletClient["setLimit"]> {
  return client.setLimit({ requestId, accountId, unit: Unit.UNIT_USD, period, hard, clamp: false });
}

describe("SetLimit", () => {
  it("counts what was spent and held in this window before the limit was set", async () => {
    await spend("org_late", 60n);
    await reserved(client, pathOf("org_late"), 15n);
    for (const period of [Period.PERIOD_DAY, Period.PERIOD_WEEK, Period.PERIOD_MONTH, Period.PERIOD_NONE]) {
      const { account } = await setLimit("org_late_team", 100n, period);
      expect(account?.balances.find((balance) => balance.period === period)).toMatchObject({ posted: 60n, held: 15n, hard: 100n, left: 25n });
    }
    await expect(client.reserve(reserveRequest(pathOf("org_late"), 26n))).rejects.toMatchObject({ code: "BUDGET_HELD" });
    expect(await reserved(client, pathOf("org_late"), 25n)).not.toBe("");
  });

  it("takes one below what is spent, and then grants nothing", async () => {
    await spend("org_low", 60n);
    const { account } = await setLimit("org_low", 10n, Period.PERIOD_NONE);
    expect(account?.balances.find(({ period }) => period === Period.PERIOD_NONE)).toMatchObject({ hard: 10n, left: 0n, posted: 60n });
    await expect(client.reserve(reserveRequest(pathOf("org_low"), 1n))).rejects.toMatchObject({
      code: "INSUFFICIENT_QUOTA",
      metadata: { account: "org_low", limit: "10", left: "0", reset: "" },
    });
  });

  it("lets what was reserved before settle when lowered below it", async () => {
    const id = await reserved(client, pathOf("org_lowered"), 100n);
    await setLimit("org_lowered", 10n, Period.PERIOD_DAY);
    await client.settle(settleRequest(id, "org_lowered", 90n));
    expect(await balanceOf(client, "org_lowered", Period.PERIOD_DAY)).toMatchObject({ posted: 90n, overrun: 0n, left: 0n });
  });

  it("removes a limit, and answers a repeated id as the first time", async () => {
    await spend("org_removed", 1n, { key: [limit(5n)] });
    const first = await setLimit("org_removed_key_a", undefined, Period.PERIOD_NONE, "remove");
    expect(await reserved(client, pathOf("org_removed"), 1_000n)).not.toBe("");
    expect(await setLimit("org_removed_key_a", undefined, Period.PERIOD_NONE, "remove")).toEqual(first);
    await expect(setLimit("org_removed_key_a", 7n, Period.PERIOD_NONE, "remove")).rejects.toMatchObject({ code: "REQUEST_ID_REUSED" });
  });

  it("tells what the limit was and is, and nothing where it stays", async () => {
    await spend("org_told", 1n, { organisation: [limit(5n)] });
    await setLimit("org_told", 9n, Period.PERIOD_NONE, "told_1");
    await setLimit("org_told", 9n, Period.PERIOD_NONE, "told_2");
    const changes = (): typeof rig.events => rig.events.filter(({ organisationId, type }) => organisationId === "org_told" && type === "limit_changed");
    await expect.poll(() => changes().length).toBe(1);
  });

  it.each([-1n])("refuses a limit of %s", async (hard) => {
    await expect(setLimit("org_told", hard, Period.PERIOD_NONE)).rejects.toMatchObject({ code: "INVALID_ARGUMENT", metadata: { field: "hard" } });
  });
});

describe("a denial", () => {
  it("names the account that refused, what is left and when it resets, in words too", async () => {
    const limits = { key: [limit(2_000_000_000n, Period.PERIOD_WEEK)], organisation: [limit(1_500_000_000n, Period.PERIOD_MONTH)] };
    await spend("org_words", 1_000_000_000n, limits);
    const denied = client.reserve(reserveRequest(pathOf("org_words"), 600_000_000n));
    await expect(denied).rejects.toMatchObject({
      code: "INSUFFICIENT_QUOTA",
      message: "This can cost up to $0.6, and of the monthly budget of $1.5 of organisation org_words $0.5 is left.",
      metadata: { account: "org_words", unit: "usd", limit: "1500000000", left: "500000000", reset: "2026-04-01T00:00:00.000Z", period: "month" },
    });
  });

  it("names the lowest account of several", async () => {
    const limits = { key: [limit(10n)], team: [limit(5n)], organisation: [limit(1n)] };
    await expect(client.reserve(reserveRequest(pathOf("org_lowest", "a", limits), 11n))).rejects.toMatchObject({ metadata: { account: "org_lowest_key_a" } });
  });

  it("is of a spent budget where waiting for one merely held would not help", async () => {
    const limits = { key: [limit(10n)], organisation: [limit(3n)] };
    await reserved(client, pathOf("org_mixed", "a", limits), 2n);
    const denied = client.reserve(reserveRequest(pathOf("org_mixed"), 9n));
    await expect(denied).rejects.toMatchObject({ code: "INSUFFICIENT_QUOTA", metadata: { account: "org_mixed" } });
  });
});

describe("windows", () => {
  it("start anew at the organisation's midnight, and each period at its own", async () => {
    rig.clock.set("2026-03-27T22:30:00Z");
    const limits = { organisation: [limit(100n, Period.PERIOD_DAY), limit(150n, Period.PERIOD_WEEK)] };
    await spend("org_zone", 100n, limits, "Europe/Zurich");
    const denied = client.reserve(reserveRequest(pathOf("org_zone"), 1n));
    await expect(denied).rejects.toMatchObject({ metadata: { period: "day", reset: "2026-03-27T23:00:00.000Z" } });
    rig.clock.set("2026-03-27T23:00:00Z");
    await spend("org_zone", 50n);
    // The week is spent until Monday, whose midnight is already summer time.
    await expect(client.reserve(reserveRequest(pathOf("org_zone"), 1n))).rejects.toMatchObject({
      metadata: { period: "week", reset: "2026-03-29T22:00:00.000Z" },
    });
    expect(await balanceOf(client, "org_zone", Period.PERIOD_NONE)).toMatchObject({ posted: 150n });
    expect(await balanceOf(client, "org_zone", Period.PERIOD_DAY)).toMatchObject({ posted: 50n, left: 50n });
  });

  it("are 23 hours long on the day when clocks go forward", async () => {
    rig.clock.set("2026-03-28T23:00:00Z");
    await spend("org_spring", 100n, { organisation: [limit(100n, Period.PERIOD_DAY)] }, "Europe/Zurich");
    rig.clock.set("2026-03-29T21:59:59Z");
    await expect(client.reserve(reserveRequest(pathOf("org_spring"), 1n))).rejects.toMatchObject({ metadata: { reset: "2026-03-29T22:00:00.000Z" } });
    rig.clock.set("2026-03-29T22:00:00Z");
    await spend("org_spring", 100n);
  });

  it("keep what was granted in them: a late settlement and a refund count where the hold was", async () => {
    rig.clock.set("2026-04-10T23:59:59Z");
    const id = await reserved(client, pathOf("org_midnight", "a", { organisation: [limit(100n, Period.PERIOD_DAY)] }), 80n);
    rig.clock.set("2026-04-11T00:00:01Z");
    expect(await reserved(client, pathOf("org_midnight"), 100n)).not.toBe("");
    await client.settle(settleRequest(id, "org_midnight", 70n));
    expect(await balanceOf(client, "org_midnight", Period.PERIOD_DAY)).toMatchObject({ posted: 0n, held: 100n });
    const refund = { requestId: "refund_midnight", reservationId: id, organisationId: "org_midnight", amounts: [{ unit: Unit.UNIT_USD, value: 30n }], reason: "r" };
    await client.refund(refund);
    expect(await balanceOf(client, "org_midnight", Period.PERIOD_DAY)).toMatchObject({ posted: 0n, held: 100n });
    expect(await balanceOf(client, "org_midnight", Period.PERIOD_MONTH)).toMatchObject({ posted: 40n, held: 100n });
    rig.clock.set("2026-04-10T23:59:59Z");
    expect(await balanceOf(client, "org_midnight", Period.PERIOD_DAY)).toMatchObject({ posted: 40n, held: 0n });
  });
});

describe("after all that", () => {
  it("the ledger adds up", async () => {
    expect(await ledgerFaults(rig.pool)).toEqual([]);
  });
});
