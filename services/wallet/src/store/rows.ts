import type { Account, Limit } from "../domain/account.ts";
import type { Balance } from "../domain/balance.ts";
import type { Lease } from "../domain/lease.ts";
import type { RecordNumbers } from "../domain/record-numbers.ts";
import type { StoredAmounts, StoredRecords } from "./json.ts";
import { amountsFromJson, recordsFromJson } from "./json.ts";

// What the driver gives for each table: bigint and numeric as text, timestamptz as Date, jsonb parsed.

export interface AccountRow {
  readonly id: string;
  readonly organisation_id: string;
  readonly parent_id: string;
  readonly kind: Account["kind"];
  readonly path: string[];
  readonly time_zone: string;
  readonly create_time: Date;
  readonly limits: ReadonlyArray<Pick<Limit, "unit" | "period" | "clamp"> & { readonly hard: string | null; readonly soft: string | null }>;
}

export interface BalanceRow extends Pick<Balance, "unit" | "period"> {
  readonly account_id: string;
  readonly period_start: Date;
  readonly posted: string;
  readonly held: string;
  readonly suspense: string;
  readonly overrun: string;
}

export interface LeaseRow {
  readonly id: string;
  readonly organisation_id: string;
  readonly account_id: string;
  readonly path: string[];
  readonly gateway_id: string;
  readonly incarnation: bigint;
  readonly request_id: string;
  readonly granted_to: string;
  readonly is_reservation: boolean;
  readonly state: Lease["state"];
  readonly is_lost: boolean;
  readonly is_recalled: boolean;
  readonly credit: StoredAmounts;
  readonly cap: StoredAmounts;
  readonly drawn: StoredAmounts;
  readonly charged: StoredAmounts;
  readonly refunded: StoredAmounts;
  readonly overrun: StoredAmounts;
  readonly advance: StoredAmounts;
  readonly seen: RecordNumbers;
  readonly records: StoredRecords;
  readonly final_count: bigint | null;
  readonly day_start: Date;
  readonly week_start: Date;
  readonly month_start: Date;
  readonly create_time: Date;
  readonly expire_time: Date;
}

/** Selects accounts with their limits; these as text, since they may exceed what JSON holds. */
export const ACCOUNT_COLUMNS = `a.id, a.organisation_id, a.parent_id, a.kind, a.path, a.time_zone, a.create_time,
  COALESCE((SELECT json_agg(json_build_object('unit', l.unit, 'period', l.period, 'hard', l.hard::text, 'soft', l.soft::text, 'clamp', l.clamp)
                     ORDER BY l.unit, l.period) FROM wallet.limits l WHERE l.account_id = a.id), '[]') AS limits`;

export function toAccount(row: AccountRow): Account {
  return {
    id: row.id,
    organisationId: row.organisation_id,
    parentId: row.parent_id,
    kind: row.kind,
    path: row.path,
    timeZone: row.time_zone,
    limits: row.limits.map(({ hard, soft, ...limit }) => ({ ...limit, hard: integerOf(hard), soft: integerOf(soft) })),
    createTimeMs: row.create_time.getTime(),
  };
}

function integerOf(text: string | null): bigint | undefined {
  return text === null ? undefined : BigInt(text);
}

export function toBalance(row: BalanceRow): Balance {
  return {
    accountId: row.account_id,
    unit: row.unit,
    period: row.period,
    periodStartMs: row.period_start.getTime(),
    posted: BigInt(row.posted),
    held: BigInt(row.held),
    suspense: BigInt(row.suspense),
    overrun: BigInt(row.overrun),
  };
}

export function toLease(row: LeaseRow): Lease {
  return {
    id: row.id,
    organisationId: row.organisation_id,
    accountId: row.account_id,
    path: row.path,
    gatewayId: row.gateway_id,
    incarnation: row.incarnation,
    requestId: row.request_id,
    grantedTo: row.granted_to,
    isReservation: row.is_reservation,
    state: row.state,
    isLost: row.is_lost,
    isRecalled: row.is_recalled,
    credit: amountsFromJson(row.credit),
    cap: amountsFromJson(row.cap),
    drawn: amountsFromJson(row.drawn),
    charged: amountsFromJson(row.charged),
    refunded: amountsFromJson(row.refunded),
    overrun: amountsFromJson(row.overrun),
    advance: amountsFromJson(row.advance),
    seen: row.seen,
    records: recordsFromJson(row.records),
    finalCount: row.final_count === null ? undefined : Number(row.final_count),
    windowStarts: {
      day: row.day_start.getTime(),
      week: row.week_start.getTime(),
      month: row.month_start.getTime(),
      none: 0,
    },
    createTimeMs: row.create_time.getTime(),
    expireTimeMs: row.expire_time.getTime(),
  };
}
