import { isLimited } from "./account.ts";
import type { Amount, Unit } from "./amount.ts";
import { least, most } from "./amount.ts";
import { used } from "./balance.ts";
import type { BudgetWarning } from "./budget-warning.ts";
import type { Shortfall } from "./denial.ts";
import { findShortfalls, sharedDenialOf } from "./denial.ts";
import type { Draft } from "./draft.ts";
import type { Origin } from "./event.ts";
import type { Answer, GrantTerms, Identity } from "./identity.ts";
import { findPause } from "./failover.ts";
import { findSuperseded } from "./incarnation.ts";
import type { Lease } from "./lease.ts";
import { NEW_LEASE } from "./lease.ts";
import { once } from "./once.ts";
import type { PathSpec } from "./open-account.ts";
import { openAlong, unlikeAnswer } from "./open-account.ts";
import type { Operation } from "./operation.ts";
import { leaseTransfer } from "./posting.ts";
import { NO_RECORDS } from "./record-numbers.ts";
import type { Outcome, Refusal } from "./refusal.ts";
import { done } from "./refusal.ts";
import type { HardStanding } from "./standing.ts";
import { limitedStandings, remaining, warningsAlong } from "./standing.ts";
import { moved } from "./transfer.ts";
import type { Windows } from "./window.ts";
import { startsOf } from "./window.ts";

/** How much of one unit a gateway asks for, in the unit's smallest part. */
export interface Demand {
  readonly unit: Unit;
  /** What it would like, at least `minimum`. */
  readonly wanted: bigint;
  /** What it needs at least; 0 always fits. */
  readonly minimum: bigint;
}

/** Asks for credit, of all units or of none. */
export interface Acquire {
  /** Its fingerprint leaves out how long the caller waits. */
  readonly identity: Identity;
  readonly origin: Origin;
  readonly leaseId: string;
  readonly transferId: string;
  readonly gatewayId: string;
  readonly incarnation: bigint;
  readonly path: PathSpec;
  readonly demands: readonly Demand[];
  /** How long a lease may be spent from at most. */
  readonly ttlMs: number;
  /** How long after that it turns to suspense. */
  readonly graceMs: number;
  /** How many gateways acquired on an account lately, at least 1. */
  activeGateways(accountId: string): number;
  /** Whether what is held by others is denied now instead of waited for. */
  readonly isLast: boolean;
}

/** Credit that may be spent. */
export interface Granted extends GrantTerms {
  readonly type: "granted";
  readonly lease: Lease;
  readonly replayed: boolean;
  readonly remaining: readonly Amount[];
  readonly warnings: readonly BudgetWarning[];
}

/** Others hold what is asked for and are asked to give it back; nothing is on record, so the same acquire may try again. */
interface Lacking {
  readonly type: "lacking";
  /** The lowest account that lacks: a release there is worth another try. */
  readonly accountId: string;
  /** What is answered if it is given up. */
  readonly refusal: Refusal;
}

export type AcquireResult = Granted | Lacking;

/**
 * Grants credit between what is needed and what is wanted, if that fits under the limits of every account of the path.
 * Else every lease under the account that lacks is asked back, and the same acquire may try again; what would not fit
 * even if all came back, or is held at the last try, is denied and put on record. A start that is not its gateway's
 * latest is GATEWAY_SUPERSEDED.
 */
export function acquire(command: Acquire): Operation<AcquireResult> {
  const { identity, path, demands, gatewayId } = command;
  return {
    needs: {
      identity,
      organisationId: path.organisationId,
      opensInTimeZone: path.timeZone,
      gatewayId,
      gatewayLock: "share",
      grants: true,
      accountIds: path.accounts.map(({ id }) => id),
      units: demands.map(({ unit }) => unit),
    },
    decide: (draft, nowMs) =>
      findSuperseded(draft, command) ??
      findPause(draft, nowMs) ??
      once(draft, identity, {
        first: () => acquireFirst(draft, command, nowMs),
        again: (answer) => grantedAgain(draft, command, answer, nowMs),
      }),
  };
}

/** What an acquire is decided on. */
interface Ask {
  readonly command: Acquire;
  /** Leaf to root. */
  readonly path: readonly string[];
  readonly windows: Windows;
  readonly nowMs: number;
}

function acquireFirst(draft: Draft, command: Acquire, nowMs: number): Outcome<AcquireResult> {
  const opened = openAlong(draft, command.path, { origin: command.origin, nowMs, mayOpen: true });
  if (!opened.ok) return opened;
  const windows = draft.windows(command.path.organisationId, nowMs);
  const ask: Ask = { command, path: opened.value.map(({ id }) => id), windows, nowMs };
  const minimums = command.demands.map(({ unit, minimum }) => ({ unit, value: minimum }));
  const shortfalls = findShortfalls(draft, ask.path, windows, minimums);
  const [first] = shortfalls;
  if (first === undefined) return grant(draft, ask);
  const refusal = sharedDenialOf(draft, first);
  // Where waiting cannot help, nobody gives up what he holds.
  if (!first.spent) recallUnder(draft, ask.path, shortfalls);
  if (first.spent || command.isLast) return deny(draft, ask, refusal);
  return done({ type: "lacking", accountId: first.standing.accountId, refusal });
}

/** Asks back what is held under the highest account that lacks: the others that do lie below it. */
function recallUnder(draft: Draft, path: readonly string[], shortfalls: readonly Shortfall[]): void {
  const lacking = new Set(shortfalls.map(({ standing }) => standing.accountId));
  const highest = path.findLast((id) => lacking.has(id));
  if (highest !== undefined) draft.recall(highest);
}

function deny(draft: Draft, { command, path, nowMs }: Ask, refusal: Refusal): Outcome<AcquireResult> {
  const { identity, transferId, demands } = command;
  draft.record({
    id: transferId,
    organisationId: command.path.organisationId,
    kind: "denial",
    accountId: path[0] ?? command.path.organisationId,
    leaseId: "",
    requestId: identity.requestId,
    amounts: demands.map(({ unit, minimum }) => ({ unit, value: minimum })),
    records: NO_RECORDS,
    overrun: [],
    reason: refusal.reason,
    createTimeMs: nowMs,
    entries: [],
  });
  draft.remember(identity, { type: "denied", refusal });
  return { ok: false, refusal, stored: true };
}

function grant(draft: Draft, ask: Ask): Outcome<AcquireResult> {
  const { command, windows, nowMs } = ask;
  const { identity, origin, transferId } = command;
  const ttlMs = ttlOf(draft, ask);
  const lease = leaseOf(draft, ask, nowMs + ttlMs + command.graceMs);
  for (const { unit, value } of lease.credit) draft.book(lease.path, startsOf(windows), unit, { held: value });
  draft.putLease(lease);
  const entries = moved(lease.accountId, "available", "held", lease.credit);
  const mover = { origin, transferId, requestId: identity.requestId, nowMs };
  draft.record({ ...leaseTransfer(lease, mover), kind: "grant", amounts: lease.credit, entries });
  const terms: GrantTerms = { ttlMs, limitsRevision: draft.limitsRevision(lease.organisationId) };
  draft.remember(identity, { type: "lease", leaseId: lease.id, grant: terms });
  return done({ ...grantedNow(draft, ask, lease, terms), replayed: false });
}

function leaseOf(draft: Draft, { command, path, windows, nowMs }: Ask, expireTimeMs: number): Lease {
  const { identity, leaseId, gatewayId, incarnation, demands } = command;
  const credit = demands.map((demand) => sized(draft, command, demand, limitedStandings(draft, path, windows, demand.unit)));
  const hangPath = pathFromHang(draft, path);
  return {
    ...NEW_LEASE,
    id: leaseId,
    organisationId: command.path.organisationId,
    accountId: hangPath[0] ?? command.path.organisationId,
    path: hangPath,
    requestId: identity.requestId,
    grantedTo: identity.scope,
    gatewayId,
    incarnation,
    credit,
    cap: credit,
    windowStarts: startsOf(windows),
    createTimeMs: nowMs,
    expireTimeMs,
  };
}

/** From the lowest account that has a hard limit for anything; the organisation alone where none has. */
function pathFromHang(draft: Draft, path: readonly string[]): readonly string[] {
  const lowest = path.findIndex((id) => isLimited(draft.account(id)));
  return path.slice(lowest === -1 ? -1 : lowest);
}

/** Half of each gateway's equal share of what is left at most, so that a budget that runs out is shared; never below the minimum. */
function sized(draft: Draft, command: Acquire, demand: Demand, standings: readonly HardStanding[]): Amount {
  const { unit, wanted, minimum } = demand;
  const shares = standings.map((standing) => {
    const gateways = Math.max(Math.trunc(command.activeGateways(standing.accountId)), 1);
    return (standing.hard - used(standing)) / BigInt(2 * gateways);
  });
  return { unit, value: most(minimum, shares.reduce(least, wanted)) };
}

/** No longer than the earliest window with a limit on the path: what is granted in it settles into it. */
function ttlOf(draft: Draft, { command, path, windows, nowMs }: Ask): number {
  const standings = command.demands.flatMap(({ unit }) => limitedStandings(draft, path, windows, unit));
  return standings.reduce((ttlMs, { window }) => Math.min(ttlMs, (window.endMs ?? Infinity) - nowMs), command.ttlMs);
}

function grantedAgain(draft: Draft, command: Acquire, answer: Answer, nowMs: number): Outcome<AcquireResult> {
  if (answer.type !== "lease" || answer.grant === undefined) return unlikeAnswer(command.identity);
  const lease = draft.lease(answer.leaseId);
  if (lease === undefined) throw new Error(`the lease ${answer.leaseId} of a stored answer is gone`);
  const windows = draft.windows(lease.organisationId, nowMs);
  const ask: Ask = { command, path: command.path.accounts.map(({ id }) => id), windows, nowMs };
  return done({ ...grantedNow(draft, ask, lease, answer.grant), replayed: true });
}

function grantedNow(draft: Draft, { command, path, windows }: Ask, lease: Lease, terms: GrantTerms): Omit<Granted, "replayed"> {
  const units: Unit[] = command.demands.map(({ unit }) => unit);
  return {
    type: "granted",
    lease,
    ...terms,
    remaining: remaining(draft, path, windows, units),
    warnings: warningsAlong(draft, path, windows, units),
  };
}
