import type { Sql } from "@alfred/postgres";
import type { Account } from "../domain/account.ts";
import { unitsOf } from "../domain/amount.ts";
import type { Balance, BalanceKey } from "../domain/balance.ts";
import { balanceId } from "../domain/balance.ts";
import type { Identity, StoredAnswer } from "../domain/identity.ts";
import { identityId } from "../domain/identity.ts";
import type { Lease } from "../domain/lease.ts";
import type { Needs } from "../domain/operation.ts";
import type { Calendar, WindowStarts } from "../domain/window.ts";
import { PERIODS, startsOf } from "../domain/window.ts";
import { instant, rowsOf } from "./bulk.ts";
import { answerFromJson } from "./json.ts";
import { LoadedBooks } from "./loaded-books.ts";
import type { AccountRow, BalanceRow, LeaseRow } from "./rows.ts";
import { ACCOUNT_COLUMNS, toAccount, toBalance, toLease } from "./rows.ts";

/** Reads all that the operations of a batch need, with one query per table. Their organisations are locked. */
export async function loadBooks(
  sql: Sql,
  needs: readonly Needs[],
  calendar: Calendar,
  nowMs: number,
): Promise<LoadedBooks> {
  const answers = await loadAnswers(sql, needs.flatMap(({ identity }) => identity ?? []));
  const leases = await loadLeases(sql, needs, answers);
  const accounts = await loadAccounts(sql, needs, leases);
  const keys = balanceKeys({ needs, answers, leases, accounts, calendar, nowMs });
  return new LoadedBooks({ calendar, accounts, leases, answers, balances: await loadBalances(sql, keys) });
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
): Promise<Map<string, Lease>> {
  const ids = new Set(needs.flatMap(({ leaseId }) => leaseId ?? []));
  for (const { answer } of answers.values()) if (answer.type === "lease") ids.add(answer.leaseId);
  if (ids.size === 0) return new Map();
  const { rows } = await sql.query<LeaseRow>("SELECT * FROM wallet.leases WHERE id = ANY($1)", [[...ids]]);
  return new Map(rows.map((row) => [row.id, toLease(row)]));
}

async function loadAccounts(
  sql: Sql,
  needs: readonly Needs[],
  leases: ReadonlyMap<string, Lease>,
): Promise<Map<string, Account>> {
  const ids = new Set(needs.flatMap(({ accountIds }) => accountIds));
  for (const lease of leases.values()) for (const id of lease.path) ids.add(id);
  const select = `SELECT ${ACCOUNT_COLUMNS} FROM wallet.accounts a WHERE a.id = ANY($1)`;
  const { rows } = await sql.query<AccountRow>(select, [[...ids]]);
  return new Map(rows.map((row) => [row.id, toAccount(row)]));
}

interface KeySources {
  readonly needs: readonly Needs[];
  readonly answers: ReadonlyMap<string, StoredAnswer>;
  readonly leases: ReadonlyMap<string, Lease>;
  readonly accounts: ReadonlyMap<string, Account>;
  readonly calendar: Calendar;
  readonly nowMs: number;
}

/** The balances of every account, unit and window that an operation can read or change. */
function balanceKeys(sources: KeySources): ReadonlyMap<string, BalanceKey> {
  const keys = new Map<string, BalanceKey>();
  for (const need of sources.needs) {
    const lease = sources.leases.get(need.leaseId ?? "");
    const timeZone = sources.accounts.get(need.organisationId)?.timeZone ?? need.opensInTimeZone ?? "UTC";
    const accountIds = new Set([...need.accountIds, ...(lease?.path ?? [])]);
    const units = new Set([...need.units, ...unitsOf(lease?.credit ?? [], lease?.settled ?? [])]);
    const starts = [startsOf(sources.calendar(timeZone, sources.nowMs)), ...(lease === undefined ? [] : [lease.windowStarts])];
    for (const accountId of accountIds) for (const unit of units) addKeys(keys, { accountId, unit }, starts);
  }
  return keys;
}

function addKeys(
  keys: Map<string, BalanceKey>,
  account: Pick<BalanceKey, "accountId" | "unit">,
  starts: readonly WindowStarts[],
): void {
  for (const start of starts) {
    for (const period of PERIODS) {
      const key = { ...account, period, periodStartMs: start[period] };
      keys.set(balanceId(key), key);
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
