import * as wire from "@alfred/contracts";
import type { AccountKind, AccountState, Standing } from "../domain/account.ts";
import type { Amount } from "../domain/amount.ts";
import type { BudgetWarning } from "../domain/budget-warning.ts";
import type { Lease } from "../domain/lease.ts";
import { heldOf } from "../domain/lease.ts";
import { leftOf } from "../domain/standing.ts";
import type { Bucket, Entry, Transfer, TransferKind } from "../domain/transfer.ts";
import type { Period } from "../domain/window.ts";

const UNITS = {
  usd: wire.Unit.UNIT_USD,
  tokens: wire.Unit.UNIT_TOKENS,
  credits: wire.Unit.UNIT_CREDITS,
} as const satisfies Record<Amount["unit"], wire.Unit>;

const PERIODS = {
  day: wire.Period.PERIOD_DAY,
  week: wire.Period.PERIOD_WEEK,
  month: wire.Period.PERIOD_MONTH,
  none: wire.Period.PERIOD_NONE,
} as const satisfies Record<Period, wire.Period>;

const KINDS = {
  organisation: wire.AccountKind.ACCOUNT_KIND_ORGANISATION,
  department: wire.AccountKind.ACCOUNT_KIND_DEPARTMENT,
  team: wire.AccountKind.ACCOUNT_KIND_TEAM,
  user: wire.AccountKind.ACCOUNT_KIND_USER,
  service_account: wire.AccountKind.ACCOUNT_KIND_SERVICE_ACCOUNT,
  key: wire.AccountKind.ACCOUNT_KIND_KEY,
} as const satisfies Record<AccountKind, wire.AccountKind>;

const TRANSFER_KINDS: Readonly<Record<TransferKind, wire.TransferKind>> = {
  reserve: wire.TransferKind.TRANSFER_KIND_RESERVE,
  settle: wire.TransferKind.TRANSFER_KIND_SETTLE,
  correction: wire.TransferKind.TRANSFER_KIND_CORRECTION,
  refund: wire.TransferKind.TRANSFER_KIND_REFUND,
  denial: wire.TransferKind.TRANSFER_KIND_DENIAL,
  suspend: wire.TransferKind.TRANSFER_KIND_SUSPEND,
  grant: wire.TransferKind.TRANSFER_KIND_GRANT,
  release: wire.TransferKind.TRANSFER_KIND_RELEASE,
  close: wire.TransferKind.TRANSFER_KIND_CLOSE,
};

const BUCKETS: Readonly<Record<Bucket, wire.EntryBucket>> = {
  available: wire.EntryBucket.ENTRY_BUCKET_AVAILABLE,
  held: wire.EntryBucket.ENTRY_BUCKET_HELD,
  suspense: wire.EntryBucket.ENTRY_BUCKET_SUSPENSE,
  posted: wire.EntryBucket.ENTRY_BUCKET_POSTED,
};

const LEASE_STATES: Readonly<Record<Lease["state"], wire.LeaseState>> = {
  open: wire.LeaseState.LEASE_STATE_OPEN,
  suspense: wire.LeaseState.LEASE_STATE_SUSPENSE,
  closed: wire.LeaseState.LEASE_STATE_CLOSED,
};

/** What the contract's number means here; undefined for one that means nothing. */
export function unitFromWire(unit: wire.Unit): Amount["unit"] | undefined {
  return nameOf(UNITS, unit);
}

export function periodFromWire(period: wire.Period): Period | undefined {
  return nameOf(PERIODS, period);
}

export function kindFromWire(kind: wire.AccountKind): AccountKind | undefined {
  return nameOf(KINDS, kind);
}

function nameOf<Name extends string>(table: Readonly<Record<Name, number>>, value: number): Name | undefined {
  for (const name in table) if (table[name] === value) return name;
  return undefined;
}

export function unitToWire(unit: Amount["unit"]): wire.Unit {
  return UNITS[unit];
}

export function periodToWire(period: Period): wire.Period {
  return PERIODS[period];
}

export function amountsToWire(amounts: readonly Amount[]): wire.Amount[] {
  return amounts.map(({ unit, value }) => ({ unit: UNITS[unit], value: int64(value) }));
}

export function reservationToWire(lease: Lease): wire.Reservation {
  return {
    id: lease.id,
    requestId: lease.requestId,
    accountId: lease.accountId,
    held: amountsToWire(lease.credit),
    settled: amountsToWire(lease.charged),
    state: LEASE_STATES[lease.state],
    expireTime: new Date(lease.expireTimeMs),
    createTime: new Date(lease.createTimeMs),
    gatewayId: lease.gatewayId,
  };
}

export function leaseToWire(lease: Lease): wire.Lease {
  return {
    id: lease.id,
    organisationId: lease.organisationId,
    accountId: lease.accountId,
    gatewayId: lease.gatewayId,
    incarnation: lease.incarnation,
    state: LEASE_STATES[lease.state],
    credit: amountsToWire(lease.credit),
    held: amountsToWire(heldOf(lease)),
    charged: amountsToWire(lease.charged),
    overrun: amountsToWire(lease.overrun),
    journalLost: lease.isLost,
    createTime: new Date(lease.createTimeMs),
    expireTime: new Date(lease.expireTimeMs),
    recalled: lease.isRecalled,
    reservation: lease.isReservation,
  };
}

export function leaseStateToWire(state: Lease["state"]): wire.LeaseState {
  return LEASE_STATES[state];
}

export function warningToWire({ accountId, unit, period, soft, posted, window }: BudgetWarning): wire.BudgetWarning {
  const resetTime = window.endMs === undefined ? undefined : new Date(window.endMs);
  return { accountId, unit: UNITS[unit], period: PERIODS[period], soft, posted: int64(posted), resetTime };
}

export function transferToWire(transfer: Transfer): wire.Transfer {
  return {
    id: transfer.id,
    requestId: transfer.requestId,
    kind: TRANSFER_KINDS[transfer.kind],
    accountId: transfer.accountId,
    reservationId: transfer.leaseId,
    amounts: amountsToWire(transfer.amounts),
    createTime: new Date(transfer.createTimeMs),
    reason: transfer.reason,
    entries: transfer.entries.map(entryToWire),
  };
}

function entryToWire({ accountId, bucket, unit, value }: Entry): wire.Entry {
  return { accountId, bucket: BUCKETS[bucket], amount: { unit: UNITS[unit], value: int64(value) } };
}

export function accountToWire({ account, standings }: AccountState): wire.Account {
  return {
    id: account.id,
    organisationId: account.organisationId,
    parentId: account.parentId,
    kind: KINDS[account.kind],
    balances: standings.map(balanceToWire),
    createTime: new Date(account.createTimeMs),
  };
}

function balanceToWire(standing: Standing): wire.Balance {
  return {
    unit: UNITS[standing.unit],
    period: PERIODS[standing.period],
    hard: standing.hard,
    posted: int64(standing.posted),
    held: int64(standing.held),
    suspense: int64(standing.suspense),
    overrun: int64(standing.overrun),
    left: leftOf(standing),
    resetTime: standing.window.endMs === undefined ? undefined : new Date(standing.window.endMs),
    soft: standing.soft,
    clamp: standing.clamp,
  };
}

const MAX_INT64 = 2n ** 63n - 1n;

/** Roll-ups may pass what the wire holds; then it shows the most that it can. */
function int64(value: bigint): bigint {
  return value > MAX_INT64 ? MAX_INT64 : value;
}
