import { Role } from "@alfred/contracts";
import type { Account, WatchAccountResponse } from "@alfred/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AccountKind, accountOf, balanceOf, limit, pathOf, Period, reserved, reserveRequest, settleRequest, Unit, WalletRig } from "./wallet-rig.ts";
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

describe("accounts of the directory", () => {
  it("open themselves with the limits they were made with", async () => {
    rig.directory.addKey(pathOf("org_keys", "a", { key: [limit(7n)], team: [limit(9n, Period.PERIOD_DAY)] }));
    expect(await accountOf(client, "org_keys_key_a")).toMatchObject({ parentId: "org_keys_team", kind: AccountKind.ACCOUNT_KIND_KEY });
    expect(await balanceOf(client, "org_keys_key_a")).toMatchObject({ hard: 7n, left: 7n });
    expect(await balanceOf(client, "org_keys_team", Period.PERIOD_DAY)).toMatchObject({ hard: 9n, resetTime: new Date("2026-03-11T00:00:00Z") });
  });

  it("can be given a limit at once, though the news of them is still on its way", async () => {
    const [, ...above] = pathOf("org_race").accounts;
    const setting = client.setLimit({ requestId: "race", accountId: "org_race_team", unit: Unit.UNIT_USD, period: Period.PERIOD_DAY, hard: 3n, clamp: false });
    rig.directory.addNode({ ...pathOf("org_race"), accounts: above });
    const { account } = await setting;
    expect(account?.balances).toMatchObject([{ hard: 3n, left: 3n }]);
  });

  it("keep the limits that were set since, when the directory tells of them again", async () => {
    const path = pathOf("org_again", "a", { key: [limit(7n)] });
    await reserved(client, path, 0n);
    await client.setLimit({ requestId: "again", accountId: "org_again_key_a", unit: Unit.UNIT_USD, period: Period.PERIOD_NONE, hard: 100n, clamp: false });
    rig.directory.addKey(path);
    await reserved(client, path, 50n);
    expect(await balanceOf(client, "org_again_key_a")).toMatchObject({ hard: 100n, held: 50n });
  });

  it("show a key its own account as `self`", async () => {
    const mine = wallet.client(rig.directory.addKey(pathOf("org_self")));
    expect(await accountOf(mine, "self")).toMatchObject({ id: "org_self_key_a" });
    await expect(client.getAccount({ accountId: "self" })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });
});

describe("a path of a reservation", () => {
  it("is refused where it contradicts what is known", async () => {
    await reserved(client, pathOf("org_parent"), 1n);
    const [key, , organisation] = pathOf("org_parent").accounts;
    const moved = { organisationId: "org_parent", timeZone: "", accounts: [key, organisation].filter((account) => account !== undefined) };
    await expect(client.reserve(reserveRequest(moved, 1n))).rejects.toMatchObject({ code: "ALREADY_EXISTS", metadata: { account: "org_parent_key_a" } });
    const stolen = { ...pathOf("org_thief"), accounts: [...(key ? [key] : []), ...pathOf("org_thief").accounts.slice(1)] };
    await expect(client.reserve(reserveRequest(stolen, 1n))).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(client.getAccount({ accountId: "org_thief" })).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("must go down from the organisation", async () => {
    const accounts = pathOf("org_order").accounts.map(({ id }) => ({ id, kind: AccountKind.ACCOUNT_KIND_ORGANISATION, initialLimits: [] }));
    await expect(client.reserve(reserveRequest({ ...pathOf("org_order"), accounts }, 1n))).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });
});

describe("CreateAccount", () => {
  const base = { timeZone: "", limits: [], organisationId: "", parentId: "" };

  it("opens an organisation for root and an account below it for its admin", async () => {
    const root = wallet.client(rig.directory.addRoot());
    const organisation = { ...base, requestId: "open_1", accountId: "org_made", kind: AccountKind.ACCOUNT_KIND_ORGANISATION, timeZone: "Asia/Tokyo" };
    expect((await root.createAccount(organisation)).account).toMatchObject({ id: "org_made", organisationId: "org_made", parentId: "" });
    const admin = wallet.client(rig.directory.addKey(pathOf("org_made", "admin"), Role.ROLE_ADMIN));
    const team = { ...base, requestId: "open_2", accountId: "org_made_ops", kind: AccountKind.ACCOUNT_KIND_TEAM, parentId: "org_made", limits: [limit(4n, Period.PERIOD_DAY)] };
    const { account } = await admin.createAccount(team);
    expect(account).toMatchObject({ organisationId: "org_made", balances: [{ hard: 4n, resetTime: new Date("2026-03-10T15:00:00Z") }] });
    expect((await admin.createAccount(team)).account).toEqual(account);
    expect((await admin.createAccount({ ...team, requestId: "open_3" })).account).toEqual(account);
    await expect(admin.createAccount({ ...team, requestId: "open_2", limits: [] })).rejects.toMatchObject({ code: "REQUEST_ID_REUSED" });
    await expect(admin.createAccount({ ...team, requestId: "open_4", kind: AccountKind.ACCOUNT_KIND_DEPARTMENT })).rejects.toMatchObject({ code: "ALREADY_EXISTS" });
    await expect(admin.createAccount({ ...team, requestId: "open_5", accountId: "x", parentId: "nobody" })).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(admin.createAccount({ ...organisation, requestId: "open_6", accountId: "org_own" })).rejects.toMatchObject({ code: "ROLE_INSUFFICIENT" });
  });
});

describe("ListTransfers", () => {
  it("pages through an account and all below it, newest first, entries and denials included", async () => {
    const limits = { organisation: [limit(100n)] };
    for (const key of ["a", "b", "a"]) {
      const id = await reserved(client, pathOf("org_list", key, limits), 10n);
      await client.settle(settleRequest(id, "org_list", 4n));
    }
    await expect(client.reserve(reserveRequest(pathOf("org_list", "b"), 1_000n))).rejects.toThrow("budget");
    const pages = await allPages("org_list", 3);
    expect(pages.map((page) => page.length)).toEqual([3, 3, 1]);
    const transfers = pages.flat();
    expect(transfers.map(({ kind }) => kind)).toEqual([4, 2, 1, 2, 1, 2, 1]);
    expect(transfers[0]).toMatchObject({ reason: "INSUFFICIENT_QUOTA", entries: [], reservationId: "", accountId: "org_list_key_b" });
    expect(transfers[1]?.entries.map(({ amount }) => amount?.value)).toEqual([-10n, 10n, 4n, -4n]);
    expect(transfers.every(({ entries }) => entries.reduce((sum, { amount }) => sum + (amount?.value ?? 0n), 0n) === 0n)).toBe(true);
    expect((await allPages("org_list_team", 2)).flat()).toEqual(transfers);
    expect((await allPages("org_list_key_b", 10)).flat()).toEqual(transfers.filter(({ accountId }) => accountId === "org_list_key_b"));
    const badToken = { accountId: "org_list", pageSize: 0, pageToken: "not-a-token" };
    await expect(client.listTransfers(badToken)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  it.each([-1, 1_001])("refuses a page of %s", async (pageSize) => {
    const refused = client.listTransfers({ accountId: "org_list", pageSize, pageToken: "" });
    await expect(refused).rejects.toMatchObject({ code: "INVALID_ARGUMENT", metadata: { field: "page_size" } });
  });

  async function allPages(accountId: string, pageSize: number): Promise<Awaited<ReturnType<WalletClient["listTransfers"]>>["transfers"][]> {
    const pages = [];
    let pageToken = "";
    do {
      const { transfers, nextPageToken } = await client.listTransfers({ accountId, pageSize, pageToken });
      pages.push(transfers);
      pageToken = nextPageToken;
    } while (pageToken !== "");
    return pages;
  }
});

describe("WatchAccount", () => {
  it("sends the account, then each change, also those that another wallet process makes", async () => {
    const other = (await rig.startWallet()).client();
    await reserved(client, pathOf("org_watch", "a", { organisation: [limit(100n)] }), 10n);
    const watch = client.watchAccount({ accountId: "org_watch", revision: 0n })[Symbol.asyncIterator]();
    expect((await watch.next()).value).toMatchObject({ event: { $case: "snapshotStarted" } });
    expect(held(await nextAccount(watch))).toBe(10n);
    const first = await nextRevision(watch);
    await reserved(client, pathOf("org_watch"), 20n);
    expect(held(await nextAccount(watch))).toBe(30n);
    const second = await nextRevision(watch);
    await reserved(other, pathOf("org_watch", "b"), 30n);
    expect(held(await nextAccount(watch))).toBe(60n);
    expect(second > first && (await nextRevision(watch)) > second).toBe(true);
    await watch.return?.();
  });

  it("tells many changes in few messages", async () => {
    const id = await reserved(client, pathOf("org_burst"), 0n);
    expect(id).not.toBe("");
    const watch = client.watchAccount({ accountId: "org_burst", revision: 0n })[Symbol.asyncIterator]();
    await nextAccount(watch);
    await Promise.all(Array.from({ length: 200 }, () => reserved(client, pathOf("org_burst"), 1n)));
    let messages = 0;
    while (held(await nextAccount(watch)) !== 200n) messages += 1;
    expect(messages).toBeLessThan(50);
    await watch.return?.();
  });

  it("goes with the caller", async () => {
    const leave = new AbortController();
    const watch = client.watchAccount({ accountId: "org_burst", revision: 0n }, { signal: leave.signal })[Symbol.asyncIterator]();
    await nextAccount(watch);
    leave.abort();
    await expect(drain(watch)).rejects.toMatchObject({ code: "CANCELLED" });
  });

  type Watch = AsyncIterator<WatchAccountResponse, undefined>;

  async function next<Case extends string>(watch: Watch, wanted: Case): Promise<Extract<NonNullable<WatchAccountResponse["event"]>, { $case: Case }>["value"]> {
    for (;;) {
      const step = await watch.next();
      if (step.done === true) throw new Error("the watch ended");
      const { event } = step.value;
      if (event?.$case === wanted) return event.value as never;
    }
  }

  function nextAccount(watch: Watch): Promise<Account> {
    return next(watch, "account");
  }

  async function nextRevision(watch: Watch): Promise<bigint> {
    return (await next(watch, "synced")).revision;
  }

  async function drain(watch: Watch): Promise<void> {
    while ((await watch.next()).done !== true);
  }

  function held({ balances }: Account): bigint | undefined {
    return balances.find(({ period }) => period === Period.PERIOD_NONE)?.held;
  }
});
