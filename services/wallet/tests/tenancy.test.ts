import { Role } from "@alfred/contracts";
import { newId } from "@alfred/ids";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AccountKind, accountOf, balanceOf, limit, pathOf, Period, reserved, reserveRequest, settleRequest, usd, Unit, WalletRig } from "./wallet-rig.ts";
import type { RunningWallet, WalletClient } from "./wallet-rig.ts";

let rig: WalletRig;
let wallet: RunningWallet;
let service: WalletClient;
let stranger: WalletClient;
let reservationId: string;

beforeAll(async () => {
  rig = await WalletRig.create();
  wallet = await rig.startWallet();
  service = wallet.client();
  stranger = wallet.client(rig.directory.addKey(pathOf("org_stranger", "admin"), Role.ROLE_ADMIN));
  reservationId = await reserved(service, pathOf("org_mine"), 100n);
  await accountOf(stranger, "self");
});
afterAll(() => rig[Symbol.asyncDispose]());

describe("an admin of another organisation", () => {
  const accountId = "org_mine_team";
  const account = { requestId: "t", accountId: "x", kind: AccountKind.ACCOUNT_KIND_USER, parentId: accountId, timeZone: "", limits: [] };
  const calls: readonly [string, (client: WalletClient) => Promise<unknown>][] = [
    ["Reserve", (client) => client.reserve(reserveRequest(pathOf("org_mine"), 1n))],
    ["Reserve on a path into it", (client) => client.reserve(reserveRequest({ ...pathOf("org_mine"), organisationId: "" }, 1n))],
    ["Settle", (client) => client.settle(settleRequest(reservationId, "org_mine", 1n))],
    ["Settle as its own", (client) => client.settle(settleRequest(reservationId, "", 1n))],
    ["Refund", (client) => client.refund({ requestId: "t", reservationId, organisationId: "", amounts: [usd(1n)], reason: "r" })],
    ["CreateAccount", (client) => client.createAccount({ ...account, organisationId: "org_mine" })],
    ["CreateAccount under a foreign parent", (client) => client.createAccount({ ...account, organisationId: "" })],
    ["CreateAccount of a foreign id", (client) => client.createAccount({ ...account, accountId, organisationId: "", parentId: "org_stranger" })],
    ["GetAccount", (client) => client.getAccount({ accountId })],
    ["SetLimit", (client) => client.setLimit({ requestId: "t", accountId, unit: Unit.UNIT_USD, period: Period.PERIOD_DAY, hard: 0n, clamp: false })],
    ["ListTransfers", (client) => client.listTransfers({ accountId, pageSize: 0, pageToken: "" })],
    ["WatchAccount", async (client) => client.watchAccount({ accountId, revision: 0n })[Symbol.asyncIterator]().next()],
  ];

  it.each(calls)("is told by %s that it does not exist, or that the path is not its own", async (name, call) => {
    const code = name === "Reserve on a path into it" ? "INVALID_ARGUMENT" : "NOT_FOUND";
    await expect(call(stranger)).rejects.toMatchObject({ code });
  });

  it("has changed nothing", async () => {
    expect(await balanceOf(service, "org_mine")).toMatchObject({ held: 100n, posted: 0n });
  });
});

describe("an admin", () => {
  it("reserves and settles in its own organisation, named or not", async () => {
    const id = await reserved(stranger, pathOf("org_stranger", "admin"), 5n);
    await stranger.settle(settleRequest(id, "", 5n));
    expect(await balanceOf(stranger, "org_stranger")).toMatchObject({ posted: 5n });
  });

  it("has request ids of its own: a peer's mean something else", async () => {
    const request = reserveRequest(pathOf("org_stranger", "admin"), 5n);
    expect(await stranger.reserve(request)).toMatchObject({ replayed: false });
    expect(await service.reserve(request)).toMatchObject({ replayed: false });
  });
});

describe("an admin of the same organisation", () => {
  let admin: WalletClient;
  let root: WalletClient;
  beforeAll(async () => {
    admin = wallet.client(rig.directory.addKey(pathOf("org_mine", "admin"), Role.ROLE_ADMIN));
    root = wallet.client(rig.directory.addRoot());
    await accountOf(admin, "self");
    await accountOf(root, "org_mine");
  });

  it("cannot settle what the gateway reserved, so that the gateway's own settlement counts", async () => {
    const id = await reserved(service, pathOf("org_mine"), 40n);
    for (const amounts of [[], [usd(40n)]]) {
      const settling = admin.settle({ ...settleRequest(id, "", 0n), amounts });
      await expect(settling).rejects.toMatchObject({ code: "NOT_FOUND", metadata: { reservation: id } });
    }
    await service.settle(settleRequest(id, "org_mine", 40n));
    await expect(admin.settle(settleRequest(id, "", 40n))).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(await balanceOf(service, "org_mine")).toMatchObject({ held: 100n, posted: 40n });
  });

  it("cannot settle what root reserved; root settles what the gateway reserved", async () => {
    const rooted = await reserved(root, pathOf("org_mine"), 0n);
    await expect(admin.settle(settleRequest(rooted, "", 0n))).rejects.toMatchObject({ code: "NOT_FOUND" });
    const id = await reserved(service, pathOf("org_mine"), 10n);
    await root.settle(settleRequest(id, "org_mine", 10n));
    expect(await balanceOf(service, "org_mine")).toMatchObject({ held: 100n, posted: 50n });
  });
});

describe("an admin's own organisation", () => {
  let admin: WalletClient;
  let root: WalletClient;
  const organisationId = "org_own";
  const limits = { organisation: [limit(100n)], team: [limit(80n)] };
  const setLimit = (client: WalletClient, accountId: string, hard?: bigint): Promise<unknown> =>
    client.setLimit({ requestId: newId("req"), accountId, unit: Unit.UNIT_USD, period: Period.PERIOD_NONE, hard, clamp: false });
  beforeAll(async () => {
    admin = wallet.client(rig.directory.addKey(pathOf(organisationId, "admin", limits), Role.ROLE_ADMIN));
    root = wallet.client(rig.directory.addRoot());
    await accountOf(admin, "self");
    await accountOf(root, organisationId);
  });

  it("has what the gateway charged refunded by root alone", async () => {
    const id = await reserved(service, pathOf(organisationId, "admin"), 10n);
    await service.settle(settleRequest(id, organisationId, 10n));
    const refund = { requestId: newId("req"), reservationId: id, organisationId, amounts: [usd(10n)], reason: "r" };
    await expect(admin.refund(refund)).rejects.toMatchObject({ code: "ROLE_INSUFFICIENT", metadata: { required: "root" } });
    expect(await balanceOf(service, organisationId)).toMatchObject({ posted: 10n });
    await root.refund(refund);
    expect(await balanceOf(service, organisationId)).toMatchObject({ posted: 0n });
  });

  it("has what its admin charged refunded by its admin", async () => {
    const id = await reserved(admin, pathOf(organisationId, "admin"), 10n);
    await admin.settle(settleRequest(id, "", 10n));
    await admin.refund({ requestId: newId("req"), reservationId: id, organisationId: "", amounts: [usd(10n)], reason: "r" });
    expect(await balanceOf(service, organisationId)).toMatchObject({ posted: 0n });
  });

  it("is limited by root, and what is below it also by its admin", async () => {
    for (const hard of [undefined, 1_000n]) {
      await expect(setLimit(admin, organisationId, hard)).rejects.toMatchObject({ code: "ROLE_INSUFFICIENT", metadata: { required: "root" } });
    }
    expect(await balanceOf(service, organisationId)).toMatchObject({ hard: 100n });
    await setLimit(admin, `${organisationId}_team`, 90n);
    await setLimit(root, organisationId, 200n);
    expect(await balanceOf(service, organisationId)).toMatchObject({ hard: 200n });
    expect(await balanceOf(service, `${organisationId}_team`)).toMatchObject({ hard: 90n });
  });

  it("keeps its accounts and limits whatever paths its admin reserves on", async () => {
    const wanted = { key: [limit(1_000n)], team: [limit(1_000n)], organisation: [limit(1_000n)] };
    await reserved(admin, pathOf(organisationId, "admin", wanted, "Asia/Tokyo"), 1n);
    expect(await balanceOf(service, organisationId)).toMatchObject({ hard: 200n });
    expect((await accountOf(service, `${organisationId}_key_admin`)).balances.every(({ hard }) => hard === undefined)).toBe(true);
    await expect(admin.reserve(reserveRequest(pathOf(organisationId, "unheard", wanted), 1n))).rejects.toMatchObject({ code: "NOT_FOUND" });
    const [key, , top] = pathOf(organisationId, "admin").accounts;
    const teamless = { organisationId, timeZone: "", accounts: [key, top].filter((account) => account !== undefined) };
    await expect(admin.reserve(reserveRequest(teamless, 1n))).rejects.toMatchObject({ code: "ALREADY_EXISTS" });
    const middle = { organisationId, timeZone: "", accounts: [...(key ? [key] : []), ...pathOf(organisationId).accounts.slice(1)] };
    const inserted = middle.accounts.toSpliced(1, 0, { id: "org_own_user", kind: AccountKind.ACCOUNT_KIND_USER, initialLimits: [] });
    await expect(admin.reserve(reserveRequest({ ...middle, accounts: inserted }, 1n))).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(service.getAccount({ accountId: "org_own_user" })).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("cannot be opened again by its admin", async () => {
    const again = { requestId: newId("req"), accountId: organisationId, organisationId: "", timeZone: "", limits: [limit(1_000n)] };
    const asItself = { ...again, kind: AccountKind.ACCOUNT_KIND_ORGANISATION, parentId: "" };
    await expect(admin.createAccount(asItself)).rejects.toMatchObject({ code: "ROLE_INSUFFICIENT" });
    const asTeam = { ...again, kind: AccountKind.ACCOUNT_KIND_TEAM, parentId: organisationId };
    await expect(admin.createAccount(asTeam)).rejects.toMatchObject({ code: "ALREADY_EXISTS" });
    expect(await balanceOf(service, organisationId)).toMatchObject({ hard: 200n });
  });
});

describe("a user's key", () => {
  it("sees the accounts of its own path and no others, and moves nothing", async () => {
    const user = wallet.client(rig.directory.addKey(pathOf("org_mine", "u")));
    expect(await accountOf(user, "org_mine_team")).toMatchObject({ id: "org_mine_team" });
    await expect(user.getAccount({ accountId: "org_mine_key_a" })).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(user.reserve(reserveRequest(pathOf("org_mine", "u"), 1n))).rejects.toMatchObject({ code: "ROLE_INSUFFICIENT" });
    const change = { requestId: "u", accountId: "self", unit: Unit.UNIT_USD, period: Period.PERIOD_DAY, hard: 1n, clamp: false };
    await expect(user.setLimit(change)).rejects.toMatchObject({ code: "ROLE_INSUFFICIENT" });
  });
});

describe("root and peers", () => {
  it("must say which organisation they mean", async () => {
    const root = wallet.client(rig.directory.addRoot());
    for (const client of [root, service]) {
      await expect(client.settle(settleRequest(reservationId, "", 1n))).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    }
    expect(await accountOf(root, "org_mine")).toMatchObject({ id: "org_mine" });
  });
});
