import { arrayLiteral } from "@alfred/postgres";
import type { Account } from "../domain/account.ts";
import type { Balance } from "../domain/balance.ts";
import type { Draft } from "../domain/draft.ts";
import type { Gateway } from "../domain/gateway.ts";
import type { LimitChange } from "../domain/event.ts";
import type { StoredAnswer } from "../domain/identity.ts";
import type { Lease } from "../domain/lease.ts";
import type { Entry, Transfer } from "../domain/transfer.ts";
import type { Column, Statement } from "./bulk.ts";
import { insertion, instant, rowsOf, valuesOf } from "./bulk.ts";
import { expirySlot } from "./expiry-slot.ts";
import { amountsToJson, answerToJson, recordsToJson } from "./json.ts";

/** A transfer with its number among those of its organisation. */
export interface NumberedTransfer extends Transfer {
  readonly number: bigint;
}

/** What writes all that a batch drafted: one statement per table; tables without a change cost nothing. */
export function bookStatements(draft: Draft, nowMs: number, transfers: readonly NumberedTransfer[]): Statement[] {
  const createTime = instant(nowMs);
  const answers = [...draft.answers.values()].map(({ identity, answer }) => ({ identity, answer, createTime }));
  const limits = latestLimits(draft.limitChanges);
  return [
    ...writing(draft.opened, insertAccounts),
    ...writing(limits.filter(remains), upsertLimits),
    ...writing(limits.filter((change) => !remains(change)), deleteLimits),
    ...writing([...draft.gateways.values()], updateGateways),
    ...writing([...draft.balances.values()], upsertBalances),
    ...writing([...draft.leases.values()], upsertLeases),
    ...writing(answers, insertAnswers),
    ...writing(transfers, insertTransfers),
    ...writing(transfers.flatMap(entryRows), insertEntries),
  ];
}

function writing<Row>(rows: readonly Row[], statement: (rows: readonly Row[]) => Statement): Statement[] {
  return rows.length === 0 ? [] : [statement(rows)];
}

/** Of several changes to one limit in a batch the last one counts. */
function latestLimits(changes: readonly LimitChange[]): LimitChange[] {
  const latest = new Map(changes.map((change) => [`${change.accountId}\u0000${change.unit}\u0000${change.period}`, change]));
  return [...latest.values()];
}

function remains({ hardAfter, softAfter }: LimitChange): boolean {
  return hardAfter !== undefined || softAfter !== undefined;
}

const insertAccounts = insertion<Account>("accounts", [
  { name: "id", type: "text", of: (row) => row.id },
  { name: "organisation_id", type: "text", of: (row) => row.organisationId },
  { name: "parent_id", type: "text", of: (row) => row.parentId },
  { name: "kind", type: "text", of: (row) => row.kind },
  { name: "path", type: "text", target: "text[]", of: (row) => arrayLiteral(row.path) },
  { name: "time_zone", type: "text", of: (row) => row.timeZone },
  { name: "create_time", type: "timestamptz", of: (row) => instant(row.createTimeMs) },
]);

const LIMIT_KEY: readonly Column<LimitChange>[] = [
  { name: "account_id", type: "text", of: (row) => row.accountId },
  { name: "unit", type: "text", of: (row) => row.unit },
  { name: "period", type: "text", of: (row) => row.period },
];

const upsertLimits = insertion<LimitChange>(
  "limits",
  [
    ...LIMIT_KEY,
    { name: "hard", type: "bigint", of: (row) => row.hardAfter ?? null },
    { name: "soft", type: "bigint", of: (row) => row.softAfter ?? null },
    { name: "clamp", type: "boolean", of: (row) => row.clampAfter },
  ],
  "ON CONFLICT (account_id, unit, period) DO UPDATE SET hard = excluded.hard, soft = excluded.soft, clamp = excluded.clamp",
);

function deleteLimits(rows: readonly LimitChange[]): Statement {
  const text = (first: number): string => `DELETE FROM wallet.limits l USING ${rowsOf(LIMIT_KEY, first)}
    WHERE l.account_id = row.account_id AND l.unit = row.unit AND l.period = row.period`;
  return { text, values: valuesOf(rows, LIMIT_KEY) };
}

const GATEWAY: readonly Column<Gateway>[] = [
  { name: "id", type: "text", of: (row) => row.id },
  { name: "incarnation", type: "bigint", of: (row) => row.incarnation },
  { name: "start_id", type: "text", of: (row) => row.startId },
];

/** Their rows are there: they were locked. */
function updateGateways(rows: readonly Gateway[]): Statement {
  const text = (first: number): string => `UPDATE wallet.gateways g SET incarnation = row.incarnation, start_id = row.start_id
    FROM ${rowsOf(GATEWAY, first)} WHERE g.id = row.id`;
  return { text, values: valuesOf(rows, GATEWAY) };
}

const upsertBalances = insertion<Balance>(
  "balances",
  [
    { name: "account_id", type: "text", of: (row) => row.accountId },
    { name: "period", type: "text", of: (row) => row.period },
    { name: "period_start", type: "timestamptz", of: (row) => instant(row.periodStartMs) },
    { name: "unit", type: "text", of: (row) => row.unit },
    { name: "posted", type: "numeric", of: (row) => row.posted },
    { name: "held", type: "numeric", of: (row) => row.held },
    { name: "suspense", type: "numeric", of: (row) => row.suspense },
    { name: "overrun", type: "numeric", of: (row) => row.overrun },
  ],
  `ON CONFLICT (account_id, period, period_start, unit) DO UPDATE SET
     posted = excluded.posted, held = excluded.held, suspense = excluded.suspense, overrun = excluded.overrun`,
);

/** Of what a lease was granted with nothing changes; that is why only the rest is updated. */
const upsertLeases = insertion<Lease>(
  "leases",
  [
    { name: "id", type: "text", of: (row) => row.id },
    { name: "organisation_id", type: "text", of: (row) => row.organisationId },
    { name: "account_id", type: "text", of: (row) => row.accountId },
    { name: "path", type: "text", target: "text[]", of: (row) => arrayLiteral(row.path) },
    { name: "gateway_id", type: "text", of: (row) => row.gatewayId },
    { name: "incarnation", type: "bigint", of: (row) => row.incarnation },
    { name: "request_id", type: "text", of: (row) => row.requestId },
    { name: "granted_to", type: "text", of: (row) => row.grantedTo },
    { name: "is_reservation", type: "boolean", of: (row) => row.isReservation },
    { name: "state", type: "text", of: (row) => row.state },
    { name: "is_lost", type: "boolean", of: (row) => row.isLost },
    { name: "is_recalled", type: "boolean", of: (row) => row.isRecalled },
    { name: "credit", type: "text", target: "jsonb", of: (row) => amountsToJson(row.credit) },
    { name: "cap", type: "text", target: "jsonb", of: (row) => amountsToJson(row.cap) },
    { name: "drawn", type: "text", target: "jsonb", of: (row) => amountsToJson(row.drawn) },
    { name: "charged", type: "text", target: "jsonb", of: (row) => amountsToJson(row.charged) },
    { name: "refunded", type: "text", target: "jsonb", of: (row) => amountsToJson(row.refunded) },
    { name: "overrun", type: "text", target: "jsonb", of: (row) => amountsToJson(row.overrun) },
    { name: "advance", type: "text", target: "jsonb", of: (row) => amountsToJson(row.advance) },
    { name: "seen", type: "text", target: "jsonb", of: (row) => JSON.stringify(row.seen) },
    { name: "records", type: "text", target: "jsonb", of: (row) => recordsToJson(row.records) },
    { name: "final_count", type: "bigint", of: (row) => row.finalCount ?? null },
    { name: "day_start", type: "timestamptz", of: (row) => instant(row.windowStarts.day) },
    { name: "week_start", type: "timestamptz", of: (row) => instant(row.windowStarts.week) },
    { name: "month_start", type: "timestamptz", of: (row) => instant(row.windowStarts.month) },
    { name: "create_time", type: "timestamptz", of: (row) => instant(row.createTimeMs) },
    { name: "expire_time", type: "timestamptz", of: (row) => instant(row.expireTimeMs) },
    { name: "expire_slot", type: "bigint", of: (row) => expirySlot(row.expireTimeMs) },
  ],
  `ON CONFLICT (id) DO UPDATE SET state = excluded.state, is_lost = excluded.is_lost, is_recalled = excluded.is_recalled,
     cap = excluded.cap, drawn = excluded.drawn, charged = excluded.charged, refunded = excluded.refunded,
     overrun = excluded.overrun, advance = excluded.advance, seen = excluded.seen, records = excluded.records,
     final_count = excluded.final_count, expire_time = excluded.expire_time, expire_slot = excluded.expire_slot`,
);

const insertAnswers = insertion<StoredAnswer & { readonly createTime: string }>("answers", [
  { name: "scope", type: "text", of: (row) => row.identity.scope },
  { name: "rpc", type: "text", of: (row) => row.identity.rpc },
  { name: "request_id", type: "text", of: (row) => row.identity.requestId },
  { name: "fingerprint", type: "text", of: (row) => row.identity.fingerprint },
  { name: "answer", type: "text", of: (row) => answerToJson(row.answer) },
  { name: "create_time", type: "timestamptz", of: (row) => row.createTime },
]);

const insertTransfers = insertion<NumberedTransfer>("transfers", [
  { name: "organisation_id", type: "text", of: (row) => row.organisationId },
  { name: "number", type: "bigint", of: (row) => row.number },
  { name: "id", type: "text", of: (row) => row.id },
  { name: "kind", type: "text", of: (row) => row.kind },
  { name: "account_id", type: "text", of: (row) => row.accountId },
  { name: "lease_id", type: "text", of: (row) => row.leaseId },
  { name: "request_id", type: "text", of: (row) => row.requestId },
  { name: "records", type: "text", target: "jsonb", of: (row) => JSON.stringify(row.records) },
  { name: "overrun", type: "text", target: "jsonb", of: (row) => amountsToJson(row.overrun) },
  { name: "amounts", type: "text", target: "jsonb", of: (row) => amountsToJson(row.amounts) },
  { name: "reason", type: "text", of: (row) => row.reason },
  { name: "create_time", type: "timestamptz", of: (row) => instant(row.createTimeMs) },
]);

interface EntryRow extends Entry {
  readonly organisationId: string;
  readonly number: bigint;
  readonly position: number;
}

function entryRows({ organisationId, number, entries }: NumberedTransfer): EntryRow[] {
  return entries.map((entry, position) => ({ ...entry, organisationId, number, position }));
}

const insertEntries = insertion<EntryRow>("entries", [
  { name: "organisation_id", type: "text", of: (row) => row.organisationId },
  { name: "number", type: "bigint", of: (row) => row.number },
  { name: "position", type: "integer", of: (row) => row.position },
  { name: "account_id", type: "text", of: (row) => row.accountId },
  { name: "bucket", type: "text", of: (row) => row.bucket },
  { name: "unit", type: "text", of: (row) => row.unit },
  { name: "value", type: "bigint", of: (row) => row.value },
]);
