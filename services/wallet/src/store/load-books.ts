import type { Sql } from "@alfred/postgres";
import type { Account } from "../domain/account.ts";
import type { Balance, BalanceKey } from "../domain/balance.ts";
import { balanceId } from "../domain/balance.ts";
import type { Identity, StoredAnswer } from "../domain/identity.ts";
import { identityId } from "../domain/identity.ts";
import type { Lease } from "../domain/lease.ts";
import { leaseUnits } from "../domain/lease.ts";
import type { Needs } from "../domain/operation.ts";
import type { Calendar, WindowStarts } from "../domain/window.ts";
import { PERIODS, startsOf } from "../domain/window.ts";
import { instant, rowsOf } from "./bulk.ts";
import type { LockedGateways } from "./gateways.ts";
import { answerFromJson } from "./json.ts";
import { LoadedBooks } from "./loaded-books.ts";
import type { LockedOrganisations } from "./organisations.ts";
import type { AccountRow, BalanceRow, LeaseRow } from "./rows.ts";
import { ACCOUNT_COLUMNS, toAccount, toBalance, toLease } from "./rows.ts";

/** What is read for, and what is locked already. */
export interface BooksSources {
  readonly needs: readonly Needs[];
  readonly gateways: LockedGateways;
  readonly organisations: LockedOrganisations;
  readonly calendar: Calendar;
  readonly grantsFromMs: number;
  readonly nowMs: number;
}

/** Reads all that the operations of a batch need, with one query per table. Their gateways and organisations are locked. */
export async function loadBooks(sql: Sql, sources: BooksSources): Promise<LoadedBooks> {
  const { needs, gateways, organisations, calendar, grantsFromMs, nowMs } = sources;
  const answers = await loadAnswers(sql, needs.flatMap(({ identity }) => identity ?? []));
  const wholeGateways = new Set(needs.flatMap(({ leasesOfGateway }) => leasesOfGateway ?? []));
  const leases = await loadLeases(sql, needs, answers, wholeGateways);
  const accounts = await loadAccounts(sql, needs, leases);
  const balances = await loadBalances(sql, balanceKeys({ needs, leases, accounts, calendar, nowMs }));
  return new LoadedBooks({ calendar, grantsFromMs, gateways, organisations, accounts, leases, wholeGateways, answers, balances });
}

const IDENTITY = [{ name: "scope", type: "text" }, { name: "rpc", type: "text" }, { name: "request_id", type: "text" }];

async function loadAnswers(sql: Sql, identities: readonly Identity[]): Promise<Map<string, StoredAnswer>> {
  if (identities.length === 0) return new Map();
  const { rows } = await sql.query<{ scope: string; rpc: string; request_id: string; fingerprint: string; answer: string }>(
    `SELECT scope, rpc, request_id, fingerprint, answer FROM wallet.answers JOIN ${rowsOf(IDENTITY)} USING (scope, rpc, request_id)`,
    [identities.map(({ scope }) => scope), identities.map(({ rpc }) => rpc), identities.map(({ requestId }) => requestId)],
  );
  const stored = rows.map(({ request_id: requestId, scope, rpc, fingerprint, answer }): StoredAnswer => {
    return { identity: { scope, rpc, requestId, fingerprint }, answer: answerFromJson(answer) };
  });
  return new Map(stored.map((each) => [identityId(each.identity), each]));
}

async function loadLeases(
  sql: Sql,
  needs: readonly Needs[],
  answers: ReadonlyMap<string, StoredAnswer>,
  wholeGateways: ReadonlySet<string>,
): Promise<Map<string, Lease>> {
  const ids = new Set(needs.flatMap(({ leaseId }) => leaseId ?? []));
  for (const { answer } of answers.values()) if (answer.type === "lease") ids.add(answer.leaseId);
  if (ids.size === 0 && wholeGateways.size === 0) return new Map();
  const ofGateways = "OR (gateway_id = ANY($2) AND state <> 'closed' AND gateway_id <> '')";
  const { rows } = await sql.query<LeaseRow>(
    `SELECT * FROM wallet.leases WHERE id = ANY($1) ${wholeGateways.size > 0 ? ofGateways : ""}`,
    wholeGateways.size > 0 ? [[...ids], [...wholeGateways]] : [[...ids]],
  );
  return new Map(rows.map((row) => [row.id, toLease(row)]));
}

/** The accounts named, those of the leases' paths, and those above the leaves whose records may still change. */
async function loadAccounts(
  sql: Sql,
  needs: readonly Needs[],
  leases: ReadonlyMap<string, Lease>,
): Promise<Map<string, Account>> {
  const ids = new Set(needs.flatMap(({ accountIds }) => accountIds));
  for (const lease of leases.values()) for (const id of lease.path) ids.add(id);
  const leaves = [...leases.values()].flatMap(leavesOf).filter((id) => !ids.has(id));
  const above = "OR a.id IN (SELECT unnest(path) FROM wallet.accounts WHERE id = ANY($2))";
  const { rows } = await sql.query<AccountRow>(
    `SELECT ${ACCOUNT_COLUMNS} FROM wallet.accounts a WHERE a.id = ANY($1) ${leaves.length > 0 ? above : ""}`,
    leaves.length > 0 ? [[...ids], leaves] : [[...ids]],
  );
  return new Map(rows.map((row) => [row.id, toAccount(row)]));
}

function leavesOf({ records }: Lease): string[] {
  return [...records.values()].map(({ accountId }) => accountId);
}

interface KeySources extends Pick<BooksSources, "needs" | "calendar" | "nowMs"> {
  readonly leases: ReadonlyMap<string, Lease>;
  readonly accounts: ReadonlyMap<string, Account>;
}

/** The balances of every account, unit and window that an operation can read or change. */
function balanceKeys(sources: KeySources): ReadonlyMap<string, BalanceKey> {
  const keys = new BalanceKeys();
  for (const need of sources.needs) {
    const lease = sources.leases.get(need.leaseId ?? "");
    const accountIds = [...need.accountIds, ...(lease === undefined ? [] : accountsOf(lease, sources.accounts))];
    const units = new Set([...need.units, ...(lease === undefined ? [] : leaseUnits(lease))]);
    const starts = [...momentsOf(need, sources), ...(lease === undefined ? [] : [lease.windowStarts])];
    keys.add(accountIds, units, starts);
  }
  const wholeGateways = new Set(sources.needs.flatMap(({ leasesOfGateway }) => leasesOfGateway ?? []));
  for (const lease of sources.leases.values()) {
    if (wholeGateways.has(lease.gatewayId)) keys.add(lease.path, new Set(leaseUnits(lease)), [lease.windowStarts]);
  }
  return keys.byId;
}

function accountsOf(lease: Lease, accounts: ReadonlyMap<string, Account>): string[] {
  return [...lease.path, ...leavesOf(lease).flatMap((id) => accounts.get(id)?.path ?? [])];
}

/** The windows of now, and of the moment that an operation names. */
function momentsOf({ organisationId, opensInTimeZone, grantTimeMs }: Needs, { accounts, calendar, nowMs }: KeySources): WindowStarts[] {
  const timeZone = accounts.get(organisationId)?.timeZone ?? opensInTimeZone ?? "UTC";
  const moments = grantTimeMs === undefined ? [nowMs] : [nowMs, grantTimeMs];
  return moments.map((moment) => startsOf(calendar(timeZone, moment)));
}

/** Gathers keys; most operations of a batch name the same. */
class BalanceKeys {
  readonly byId = new Map<string, BalanceKey>();
  readonly #added = new Set<string>();

  add(accountIds: readonly string[], units: ReadonlySet<BalanceKey["unit"]>, starts: readonly WindowStarts[]): void {
    for (const start of starts) for (const accountId of accountIds) for (const unit of units) this.#addOne(accountId, unit, start);
  }

  #addOne(accountId: string, unit: BalanceKey["unit"], start: WindowStarts): void {
    // An account has one time zone, in which a day lies in one week and month.
    const name = `${accountId}\u0000${unit}\u0000${start.day}`;
    if (this.#added.has(name)) return;
    this.#added.add(name);
    for (const period of PERIODS) {
      const key = { accountId, unit, period, periodStartMs: start[period] };
      this.byId.set(balanceId(key), key);
    }
  }
}

const BALANCE_KEY = [
  { name: "account_id", type: "text" },
  { name: "period", type: "text" },
  { name: "period_start", type: "timestamptz" },
  { name: "unit", type: "text" },
];

async function loadBalances(
  sql: Sql,
  keys: ReadonlyMap<string, BalanceKey>,
): Promise<Map<string, Balance | undefined>> {
  const balances = new Map<string, Balance | undefined>([...keys.keys()].map((id) => [id, undefined]));
  const wanted = [...keys.values()];
  if (wanted.length === 0) return balances;
  const { rows } = await sql.query<BalanceRow>(
    `SELECT b.* FROM ${rowsOf(BALANCE_KEY)} JOIN wallet.balances b USING (account_id, period, period_start, unit)`,
    [
      wanted.map(({ accountId }) => accountId),
      wanted.map(({ period }) => period),
      wanted.map(({ periodStartMs }) => instant(periodStartMs)),
      wanted.map(({ unit }) => unit),
    ],
  );
  for (const balance of rows.map(toBalance)) balances.set(balanceId(balance), balance);
  return balances;
}
