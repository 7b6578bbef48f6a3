import { Event, TransferKind } from "@alfred/contracts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ledgerFaults } from "./ledger-audit.ts";
import { accountOf, balanceOf, LeaseState, limit, pathOf, Period, reserved, reserveRequest, settleRequest, usd, Unit, WalletRig } from "./wallet-rig.ts";
import type { RunningWallet, WalletClient } from "./wallet-rig.ts";

let rig: WalletRig;
let wallet: RunningWallet;
let client: WalletClient;
let organisationId: string;
let count = 0;

beforeAll(async () => {
  rig = await WalletRig.create();
  wallet = await rig.startWallet();
  client = wallet.client();
});
beforeEach(() => {
  count += 1;
  organisationId = `org_${count}`;
});
afterAll(() => rig[Symbol.asyncDispose]());

describe("Reserve", () => {
  it("holds at every account of the path and says what remains", async () => {
    const limits = { key: [limit(500n)], organisation: [limit(300n, Period.PERIOD_DAY)] };
    const { reservation, remaining, replayed } = await client.reserve(reserveRequest(pathOf(organisationId, "a", limits), 120n));
    expect(reservation).toMatchObject({ accountId: `${organisationId}_key_a`, held: [usd(120n)], settled: [], state: LeaseState.LEASE_STATE_OPEN });
    expect(reservation?.expireTime).toEqual(new Date(rig.clock.nowMs + 60_000));
    expect({ remaining, replayed }).toEqual({ remaining: [usd(180n)], replayed: false });
    for (const id of [`${organisationId}_key_a`, `${organisationId}_team`, organisationId]) {
      expect(await balanceOf(client, id)).toMatchObject({ held: 120n, posted: 0n });
    }
  });

  it("answers the same id with the reservation as it is now, and holds once", async () => {
    const request = reserveRequest(pathOf(organisationId), 100n);
    const { reservation } = await client.reserve(request);
    expect(await client.reserve(request)).toMatchObject({ replayed: true, reservation: { state: LeaseState.LEASE_STATE_OPEN } });
    await client.settle(settleRequest(reservation?.id ?? "", organisationId, 40n));
    const again = await client.reserve(request);
    expect(again).toMatchObject({ replayed: true, reservation: { id: reservation?.id, state: LeaseState.LEASE_STATE_CLOSED, settled: [usd(40n)] } });
    expect(await balanceOf(client, organisationId)).toMatchObject({ held: 0n, posted: 40n });
  });

  it("refuses the same id with another body", async () => {
    const request = reserveRequest(pathOf(organisationId), 100n, { fingerprint: "a".repeat(64) });
    await client.reserve(request);
    const others = [{ amounts: [usd(99n)] }, { fingerprint: "b".repeat(64) }, { path: pathOf(organisationId, "b") }];
    for (const other of others) {
      await expect(client.reserve({ ...request, ...other })).rejects.toMatchObject({ code: "REQUEST_ID_REUSED" });
    }
    expect(await balanceOf(client, organisationId)).toMatchObject({ held: 100n });
  });

  it("answers a denied id with the same denial, also once there is room", async () => {
    const request = reserveRequest(pathOf(organisationId, "a", { team: [limit(50n)] }), 100n);
    await expect(client.reserve(request)).rejects.toMatchObject({ code: "INSUFFICIENT_QUOTA" });
    const change = { requestId: `raise_${organisationId}`, accountId: `${organisationId}_team`, unit: Unit.UNIT_USD, period: Period.PERIOD_NONE, hard: 500n, clamp: false };
    await client.setLimit(change);
    const metadata = { account: `${organisationId}_team`, limit: "50", left: "50", replayed: "true" };
    await expect(client.reserve(request)).rejects.toMatchObject({ code: "INSUFFICIENT_QUOTA", metadata });
    expect((await client.reserve({ ...request, requestId: "another" })).replayed).toBe(false);
  });

  it("lets what costs nothing pass an empty budget", async () => {
    const path = pathOf(organisationId, "a", { organisation: [limit(0n)] });
    expect(await reserved(client, path, 0n)).not.toBe("");
    await expect(client.reserve(reserveRequest(path, 1n))).rejects.toMatchObject({ code: "INSUFFICIENT_QUOTA" });
  });

  it("takes every unit or none", async () => {
    const path = pathOf(organisationId, "a", { team: [{ unit: Unit.UNIT_TOKENS, period: Period.PERIOD_DAY, hard: 10n, clamp: false }] });
    const tokens = { unit: Unit.UNIT_TOKENS, value: 11n };
    await expect(client.reserve(reserveRequest(path, 5n, { amounts: [usd(5n), tokens] }))).rejects.toMatchObject({
      code: "INSUFFICIENT_QUOTA",
      metadata: { account: `${organisationId}_team`, unit: "tokens", limit: "10", left: "10", reset: "2026-03-11T00:00:00.000Z", period: "day" },
    });
    const { reservation, remaining } = await client.reserve(reserveRequest(path, 5n, { amounts: [usd(5n), { ...tokens, value: 7n }] }));
    expect(remaining).toEqual([{ unit: Unit.UNIT_TOKENS, value: 3n }]);
    expect(reservation?.held).toEqual([usd(5n), { ...tokens, value: 7n }]);
  });

  it.each([
    ["an id that is empty", { requestId: "" }, "request_id"],
    ["an id with a NUL", { requestId: "a\u0000b" }, "request_id"],
    ["no path", { path: undefined }, "path"],
    ["a negative amount", { amounts: [usd(-1n)] }, "amounts"],
    ["no amount", { amounts: [] }, "amounts"],
    ["a unit twice", { amounts: [usd(1n), usd(1n)] }, "amounts"],
    ["an unknown unit", { amounts: [{ unit: Unit.UNIT_UNSPECIFIED, value: 1n }] }, "amounts.unit"],
    ["a time to live of 49 hours", { ttl: { seconds: 176_400n, nanos: 0 } }, "ttl"],
    ["a time zone that does not exist", { path: pathOf("org_x", "a", {}, "Mars/Olympus") }, "path.time_zone"],
    ["a path that ends elsewhere", { path: { ...pathOf("org_x"), organisationId: "org_y" } }, "path.accounts"],
  ])("refuses %s", async (_, changes, field) => {
    const request = { ...reserveRequest(pathOf(organisationId), 1n), ...changes };
    await expect(client.reserve(request)).rejects.toMatchObject({ code: "INVALID_ARGUMENT", metadata: { field } });
  });
});

describe("Settle", () => {
  it("charges less than was held and gives back the rest", async () => {
    const id = await reserved(client, pathOf(organisationId, "a", { organisation: [limit(1_000n)] }), 100n);
    const { reservation, remaining } = await client.settle(settleRequest(id, organisationId, 30n));
    expect(reservation).toMatchObject({ state: LeaseState.LEASE_STATE_CLOSED, held: [usd(100n)], settled: [usd(30n)] });
    expect(remaining).toEqual([usd(970n)]);
    expect(await balanceOf(client, `${organisationId}_key_a`)).toMatchObject({ held: 0n, posted: 30n, overrun: 0n });
  });

  it("posts what is above the hold, over any limit, and counts it as overrun", async () => {
    const id = await reserved(client, pathOf(organisationId, "a", { organisation: [limit(100n)] }), 100n);
    const { remaining } = await client.settle(settleRequest(id, organisationId, 130n));
    expect(remaining).toEqual([usd(0n)]);
    expect(await balanceOf(client, organisationId)).toMatchObject({ held: 0n, posted: 130n, overrun: 30n, left: 0n });
  });

  it("charges nothing for nothing, and tells nobody of it", async () => {
    const id = await reserved(client, pathOf(organisationId), 100n);
    await client.settle({ ...settleRequest(id, organisationId, 0n), amounts: [] });
    expect(await balanceOf(client, organisationId)).toMatchObject({ held: 0n, posted: 0n });
    expect(rig.events.filter(({ type, organisationId: of }) => of === organisationId && type === "settled")).toEqual([]);
  });

  it("charges once, however often and under whatever id it is sent", async () => {
    const id = await reserved(client, pathOf(organisationId), 100n);
    const request = settleRequest(id, organisationId, 60n);
    const answers = await Promise.all(Array.from({ length: 10 }, () => client.settle(request)));
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect((await client.settle(settleRequest(id, organisationId, 60n))).replayed).toBe(true);
    expect(await balanceOf(client, organisationId)).toMatchObject({ posted: 60n });
  });

  it("refuses to settle differently what was settled, under the same id or by anyone but a peer", async () => {
    const id = await reserved(client, pathOf(organisationId), 100n);
    await client.settle(settleRequest(id, organisationId, 60n, "settle_1"));
    const root = wallet.client(rig.directory.addRoot());
    await accountOf(root, organisationId);
    await expect(client.settle(settleRequest(id, organisationId, 61n, "settle_1"))).rejects.toMatchObject({ code: "REQUEST_ID_REUSED" });
    await expect(root.settle(settleRequest(id, organisationId, 61n, "settle_2"))).rejects.toMatchObject({ code: "REQUEST_ID_REUSED" });
    expect(await balanceOf(client, organisationId)).toMatchObject({ posted: 60n });
    await expect(client.settle(settleRequest("lease_none", organisationId, 1n))).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(client.settle(settleRequest(id, "org_other", 60n))).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("a peer's settlement of what was settled before", () => {
  it("posts the difference, beyond the hold that is gone", async () => {
    const id = await reserved(client, pathOf(organisationId), 100n);
    await client.settle({ ...settleRequest(id, organisationId, 0n), amounts: [] });
    const correction = settleRequest(id, organisationId, 70n);
    expect(await client.settle(correction)).toMatchObject({ replayed: false, reservation: { settled: [usd(70n)] } });
    expect(await client.settle(correction)).toMatchObject({ replayed: true });
    expect(await balanceOf(client, organisationId)).toMatchObject({ held: 0n, posted: 70n, overrun: 70n });
    const { transfers } = await client.listTransfers({ accountId: organisationId, pageSize: 1, pageToken: "" });
    expect(transfers).toMatchObject([{ kind: TransferKind.TRANSFER_KIND_CORRECTION, reservationId: id, amounts: [usd(70n)] }]);
  });

  it("gives back what was too much, but never twice what was refunded", async () => {
    const id = await reserved(client, pathOf(organisationId), 100n);
    await client.settle(settleRequest(id, organisationId, 90n));
    await client.refund({ requestId: `refund_${organisationId}`, reservationId: id, organisationId, amounts: [usd(50n)], reason: "r" });
    await client.settle(settleRequest(id, organisationId, 80n));
    expect(await balanceOf(client, organisationId)).toMatchObject({ posted: 30n, overrun: 0n });
    await client.settle(settleRequest(id, organisationId, 20n));
    expect(await balanceOf(client, organisationId)).toMatchObject({ posted: 0n, overrun: 0n });
  });
});

describe("expiry", () => {
  beforeEach(async () => {
    // What earlier tests left open.
    rig.clock.advance(60_000);
    await wallet.service.sweep();
  });

  it("keeps counting what was held until a late settlement says what it cost", async () => {
    const id = await reserved(client, pathOf(organisationId, "a", { organisation: [limit(100n)] }), 100n);
    rig.clock.advance(59_999);
    expect(await wallet.service.sweep()).toBe(0);
    rig.clock.advance(1);
    expect(await wallet.service.sweep()).toBe(1);
    expect(await balanceOf(client, organisationId)).toMatchObject({ held: 0n, suspense: 100n, left: 0n });
    await expect(client.reserve(reserveRequest(pathOf(organisationId), 1n))).rejects.toMatchObject({ code: "INSUFFICIENT_QUOTA" });
    const { reservation } = await client.settle(settleRequest(id, organisationId, 25n));
    expect(reservation?.state).toBe(LeaseState.LEASE_STATE_CLOSED);
    expect(await balanceOf(client, organisationId)).toMatchObject({ held: 0n, suspense: 0n, posted: 25n, left: 75n });
    expect(await wallet.service.sweep()).toBe(0);
  });

  it("suspends more than one round of leases", async () => {
    await Promise.all(Array.from({ length: 450 }, () => reserved(client, pathOf(organisationId), 1n)));
    rig.clock.advance(60_000);
    expect(await wallet.service.sweep()).toBe(450);
    expect(await balanceOf(client, organisationId)).toMatchObject({ held: 0n, suspense: 450n });
  });
});

describe("Refund", () => {
  it("gives back at most what was charged, all parts together", async () => {
    const id = await reserved(client, pathOf(organisationId), 100n);
    const refund = { requestId: `refund_${organisationId}`, reservationId: id, organisationId, amounts: [usd(20n)], reason: "bad answer" };
    await expect(client.refund(refund)).rejects.toMatchObject({ code: "FAILED_PRECONDITION" });
    await client.settle(settleRequest(id, organisationId, 50n));
    const { transfer, replayed } = await client.refund(refund);
    expect(replayed).toBe(false);
    expect(transfer).toMatchObject({ reservationId: id, amounts: [usd(20n)], reason: "bad answer" });
    expect(await client.refund(refund)).toEqual({ transfer, replayed: true });
    await expect(client.refund({ ...refund, requestId: "more", amounts: [usd(31n)] })).rejects.toMatchObject({
      code: "FAILED_PRECONDITION",
      metadata: { left: "30" },
    });
    await client.refund({ ...refund, requestId: `rest_${organisationId}`, amounts: [usd(30n)] });
    expect(await balanceOf(client, organisationId)).toMatchObject({ posted: 0n });
  });

  it("gives an overrun back first", async () => {
    const id = await reserved(client, pathOf(organisationId), 100n);
    await client.settle(settleRequest(id, organisationId, 130n));
    const refund = { requestId: `refund_${organisationId}`, reservationId: id, organisationId, amounts: [usd(20n)], reason: "r" };
    await client.refund(refund);
    expect(await balanceOf(client, organisationId)).toMatchObject({ posted: 110n, overrun: 10n });
  });
});

describe("events", () => {
  it("tell of accounts, settlements, refunds and suspensions, numbered without a gap", async () => {
    const path = pathOf(organisationId, "a", { key: [limit(1_000n)] });
    const id = await reserved(client, path, 100n);
    await client.settle(settleRequest(id, organisationId, 70n, "settle_for_events"));
    await client.refund({ requestId: "refund_for_events", reservationId: id, organisationId, amounts: [usd(10n)], reason: "r" });
    await reserved(client, path, 5n);
    rig.clock.advance(60_000);
    await wallet.service.sweep();
    const mine = (): typeof rig.events => rig.events.filter((event) => event.organisationId === organisationId);
    await expect.poll(() => mine().map(({ type }) => type)).toEqual(["account_created", "account_created", "account_created", "settled", "refunded", "suspended"]);
    expect(mine().map(({ sourceSeq }) => sourceSeq)).toEqual([1n, 2n, 3n, 4n, 5n, 6n]);
    const settled = Event.decode(mine()[3]?.bytes ?? new Uint8Array());
    expect(settled).toMatchObject({ source: "wallet", actor: "service", requestId: "settle_for_events", sourceSeq: 4n });
    expect(settled.payload).toMatchObject({ $case: "settled", value: { id, settled: [usd(70n)] } });
  });
});

describe("after all that", () => {
  it("the ledger adds up", async () => {
    expect(await ledgerFaults(rig.pool)).toEqual([]);
  });
});
