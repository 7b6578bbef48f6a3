import type { Amount } from "./amount.ts";
import { unitsOf } from "./amount.ts";
import type { BudgetWarning } from "./budget-warning.ts";
import { denialOf, findShortfalls } from "./denial.ts";
import type { Draft } from "./draft.ts";
import type { Origin } from "./event.ts";
import type { Identity } from "./identity.ts";
import { findPause } from "./failover.ts";
import { isFromHouse } from "./identity.ts";
import { findSuperseded } from "./incarnation.ts";
import type { Lease } from "./lease.ts";
import { leaseUnits, NEW_LEASE } from "./lease.ts";
import { once } from "./once.ts";
import type { PathSpec } from "./open-account.ts";
import { openAlong, unlikeAnswer } from "./open-account.ts";
import type { Operation } from "./operation.ts";
import type { Outcome, Refusal } from "./refusal.ts";
import { done } from "./refusal.ts";
import { NO_RECORDS } from "./record-numbers.ts";
import { remaining, warningsAlong } from "./standing.ts";
import type { Transfer } from "./transfer.ts";
import { moved } from "./transfer.ts";
import type { Windows } from "./window.ts";
import { startsOf } from "./window.ts";

/** Asks to hold amounts at every account of a path, or at none. */
export interface Reserve {
  readonly identity: Identity;
  readonly origin: Origin;
  readonly leaseId: string;
  readonly transferId: string;
  readonly path: PathSpec;
  readonly amounts: readonly Amount[];
  readonly ttlMs: number;
  /** The gateway that it is made for, which it then lives and dies with; empty for none. */
  readonly gatewayId: string;
  /** The start of that gateway; 0 for none. */
  readonly incarnation: bigint;
}

/** A lease as it is now, and what the tightest limits on its path still allow. */
export interface LeaseResult {
  readonly lease: Lease;
  readonly replayed: boolean;
  readonly remaining: readonly Amount[];
  /** The soft limits on its path that are passed. */
  readonly warnings: readonly BudgetWarning[];
}

/**
 * Holds amounts if they fit under the limits of every account of the path. A denial is put on record. Accounts not yet
 * known are opened for the house alone, whose paths are the directory's: an organisation's own key could say of any
 * account that it has no limit.
 */
export function reserve(command: Reserve): Operation<LeaseResult> {
  const { identity, path, amounts, gatewayId } = command;
  return {
    needs: {
      identity,
      ...(gatewayId === "" ? {} : { gatewayId, gatewayLock: "share" }),
      grants: true,
      organisationId: path.organisationId,
      ...(isFromHouse(identity) ? { opensInTimeZone: path.timeZone } : {}),
      accountIds: path.accounts.map(({ id }) => id),
      units: unitsOf(amounts),
    },
    decide: (draft, nowMs) =>
      findSuperseded(draft, command) ??
      findPause(draft, nowMs) ??
      once(draft, identity, {
        first: () => reserveFirst(draft, command, nowMs, isFromHouse(identity)),
        again: (answer) => (answer.type === "lease" ? replayed(draft, answer.leaseId, nowMs) : unlikeAnswer(identity)),
      }),
  };
}

/** Holds amounts the first time. `mayOpen` says whether accounts not yet known are opened. */
export function reserveFirst(draft: Draft, command: Reserve, nowMs: number, mayOpen: boolean): Outcome<LeaseResult> {
  const { path, amounts, origin } = command;
  const opened = openAlong(draft, path, { origin, nowMs, mayOpen });
  if (!opened.ok) return opened;
  const ids = opened.value.map(({ id }) => id);
  const windows = draft.windows(path.organisationId, nowMs);
  const [shortfall] = findShortfalls(draft, ids, windows, amounts);
  return shortfall === undefined ? grant(draft, command, windows, nowMs) : deny(draft, command, denialOf(draft, shortfall), nowMs);
}

function grant(draft: Draft, command: Reserve, windows: Windows, nowMs: number): Outcome<LeaseResult> {
  const lease = leaseOf(command, windows, nowMs);
  for (const { unit, value } of lease.credit) draft.book(lease.path, lease.windowStarts, unit, { held: value });
  draft.putLease(lease);
  const entries = moved(lease.accountId, "available", "held", lease.credit);
  draft.record({ ...transferOf(command, nowMs), kind: "reserve", leaseId: lease.id, reason: "", entries });
  draft.remember(command.identity, { type: "lease", leaseId: lease.id });
  return done({ ...leaseAgain(draft, lease, nowMs), replayed: false });
}

function deny(draft: Draft, command: Reserve, refusal: Refusal, nowMs: number): Outcome<LeaseResult> {
  draft.record({ ...transferOf(command, nowMs), kind: "denial", leaseId: "", reason: refusal.reason, entries: [] });
  draft.remember(command.identity, { type: "denied", refusal });
  return { ok: false, refusal, stored: true };
}

function replayed(draft: Draft, leaseId: string, nowMs: number): Outcome<LeaseResult> {
  const lease = draft.lease(leaseId);
  if (lease === undefined) throw new Error(`the lease ${leaseId} of a stored answer is gone`);
  return done(leaseAgain(draft, lease, nowMs));
}

/** A lease asked for or settled before, as it is now. */
export function leaseAgain(draft: Draft, lease: Lease, nowMs: number): LeaseResult {
  const windows = draft.windows(lease.organisationId, nowMs);
  const units = leaseUnits(lease);
  return {
    lease,
    replayed: true,
    remaining: remaining(draft, lease.path, windows, unitsOf(lease.credit)),
    warnings: warningsAlong(draft, lease.path, windows, units),
  };
}

function leaseOf(command: Reserve, windows: Windows, nowMs: number): Lease {
  const path = command.path.accounts.map(({ id }) => id);
  return {
    ...NEW_LEASE,
    id: command.leaseId,
    organisationId: command.path.organisationId,
    accountId: leafOf(command.path),
    path,
    requestId: command.identity.requestId,
    grantedTo: command.identity.scope,
    isReservation: true,
    gatewayId: command.gatewayId,
    incarnation: command.incarnation,
    credit: command.amounts,
    cap: command.amounts,
    windowStarts: startsOf(windows),
    createTimeMs: nowMs,
    expireTimeMs: nowMs + command.ttlMs,
  };
}

function transferOf(command: Reserve, nowMs: number): Omit<Transfer, "kind" | "leaseId" | "reason" | "entries"> {
  return {
    id: command.transferId,
    organisationId: command.path.organisationId,
    accountId: leafOf(command.path),
    requestId: command.identity.requestId,
    amounts: command.amounts,
    records: NO_RECORDS,
    overrun: [],
    createTimeMs: nowMs,
  };
}

function leafOf(path: PathSpec): string {
  return path.accounts[0]?.id ?? path.organisationId;
}
