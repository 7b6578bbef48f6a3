import type { Amount } from "./amount.ts";
import { minus, unitsOf } from "./amount.ts";
import type { BudgetWarning } from "./budget-warning.ts";
import type { Draft } from "./draft.ts";
import type { Origin } from "./event.ts";
import { SERVICE_SCOPE } from "./identity.ts";
import { isCurrent } from "./incarnation.ts";
import type { Lease } from "./lease.ts";
import { cappedAt, closed, heldOf, leaseUnits, NEW_LEASE } from "./lease.ts";
import type { PathSpec } from "./open-account.ts";
import { openAlong } from "./open-account.ts";
import type { Operation } from "./operation.ts";
import type { LeaseRecord } from "./post-record.ts";
import type { LeafPaths, Mover, Posting } from "./posting.ts";
import { bookPosting, chargeOf, postingTransfer, postRecords, release, tellCrossings } from "./posting.ts";
import { hasAllUpTo } from "./record-numbers.ts";
import { done } from "./refusal.ts";
import { tellSettled, unknownLease } from "./settle.ts";
import { remaining, warningsAlong } from "./standing.ts";
import { startsOf } from "./window.ts";

/** What became of the credit of one lease. */
export interface SettleUsage {
  readonly origin: Origin;
  /** The stem of the ids of what it moves. */
  readonly transferId: string;
  readonly gatewayId: string;
  readonly incarnation: bigint;
  readonly leaseId: string;
  /** At least one, all of one organisation. */
  readonly paths: readonly [PathSpec, ...PathSpec[]];
  readonly records: readonly LeaseRecord[];
  /** Set once nothing more is admitted: the most that all records can draw. */
  readonly ceiling: readonly Amount[] | undefined;
  /** Set once every record is known: how many there are. */
  readonly finalCount: number | undefined;
  /** When the lease was granted. */
  readonly grantTimeMs: number;
  /** How long the lease of a live gateway is kept from suspense: its ttl and the grace. */
  readonly keepMs: number;
}

/** Where a lease stands after a settlement, what is left on its first path, and which soft limits are passed on any. */
export interface SettleUsageResult {
  readonly lease: Lease;
  readonly remaining: readonly Amount[];
  readonly warnings: readonly BudgetWarning[];
}

/**
 * Posts what a gateway says became of a lease. Never refused for money, age, start or order; the same settlements end
 * in the same state however often and in whatever order they come. Only a lease of another organisation is NOT_FOUND.
 */
export function settleUsage(command: SettleUsage): Operation<SettleUsageResult> {
  const { leaseId, gatewayId, paths, records, grantTimeMs } = command;
  const [{ organisationId, timeZone }] = paths;
  return {
    needs: {
      organisationId,
      opensInTimeZone: timeZone,
      accountIds: reachable(command),
      leaseId,
      grantTimeMs,
      gatewayId,
      gatewayLock: "share",
      units: unitsOf(...records.flatMap(({ worst, cost }) => [worst, cost])),
    },
    decide: (draft, nowMs) => {
      const known = draft.lease(leaseId);
      if (known !== undefined && known.organisationId !== organisationId) return unknownLease(leaseId);
      // What a path says of accounts known otherwise changes nothing; facts are taken all the same.
      for (const path of paths) openAlong(draft, path, { origin: command.origin, nowMs, mayOpen: true });
      const before = known ?? strangerOf(draft, command);
      const after = settleLease(draft, before, command, nowMs);
      if (after !== before) draft.putLease(after);
      return done(resultOf(draft, after, command, nowMs));
    },
  };
}

/** The accounts whose balances are there to be booked on, beside those that the lease is held at. */
function reachable({ paths }: SettleUsage): string[] {
  const [{ organisationId }] = paths;
  return [...new Set([...paths.flatMap(({ accounts }) => accounts.map(({ id }) => id)), organisationId])];
}

/**
 * A lease that the wallet does not know: closed, so that all its records post beyond it, each once. It hangs on the
 * organisation, since which account it hung on is not known.
 */
function strangerOf(draft: Draft, { leaseId, gatewayId, incarnation, paths, grantTimeMs }: SettleUsage): Lease {
  const [{ organisationId }] = paths;
  return {
    ...NEW_LEASE,
    id: leaseId,
    organisationId,
    accountId: organisationId,
    path: [organisationId],
    requestId: leaseId,
    grantedTo: SERVICE_SCOPE,
    gatewayId,
    incarnation,
    state: "closed",
    windowStarts: startsOf(draft.windows(organisationId, grantTimeMs)),
    createTimeMs: grantTimeMs,
    expireTimeMs: grantTimeMs,
  };
}

function settleLease(draft: Draft, before: Lease, command: SettleUsage, nowMs: number): Lease {
  const kept = keptAlive(draft, before, command, nowMs);
  const { lease: posted, postings } = postRecords(kept, command.records, leafPaths(draft, before, command));
  const capped = concluded(posted, command);
  const movers = moversOf(before, command, nowMs);
  for (const posting of postings) {
    bookPosting(draft, before, posting);
    draft.record(postingTransfer(before, posting, movers.next()));
  }
  release(draft, posted, minus(heldOf(posted), heldOf(capped)), movers.next());
  tellPostings(draft, capped, postings, movers.next());
  return capped;
}

/** The path of each leaf that a record may name, as far as its balances are there. */
function leafPaths(draft: Draft, lease: Lease, command: SettleUsage): LeafPaths {
  const known = new Set([...reachable(command), ...lease.path]);
  return (accountId) => {
    const account = draft.account(accountId);
    const isReachable = account?.organisationId === lease.organisationId && account.path.every((id) => known.has(id));
    return isReachable ? account.path : undefined;
  };
}

/** A lease of a live gateway is heard of, and so not suspended for a while. */
function keptAlive(draft: Draft, lease: Lease, { gatewayId, incarnation, keepMs }: SettleUsage, nowMs: number): Lease {
  const isTheirs = lease.gatewayId === gatewayId && lease.incarnation === incarnation && isCurrent(draft, lease);
  const expireTimeMs = nowMs + keepMs;
  return isTheirs && lease.state === "open" && expireTimeMs > lease.expireTimeMs ? { ...lease, expireTimeMs } : lease;
}

/** What a gateway says of the end of a lease; of one whose journal was lost it says nothing that counts. */
function concluded(lease: Lease, { ceiling, finalCount }: SettleUsage): Lease {
  if (lease.state === "closed" || lease.isLost) return lease;
  const capped = ceiling === undefined ? lease : cappedAt(lease, ceiling);
  const counted = finalCount === undefined ? capped : { ...capped, finalCount: Math.max(finalCount, capped.finalCount ?? 0) };
  const isWhole = counted.finalCount !== undefined && hasAllUpTo(counted.seen, counted.finalCount);
  return isWhole ? closed(counted) : counted;
}

/** Gives each transfer of a settlement an id of its own. */
function moversOf({ requestId }: Lease, { origin, transferId }: SettleUsage, nowMs: number): { next(): Mover } {
  let count = 0;
  return {
    next: () => {
      count += 1;
      return { origin, transferId: `${transferId}_${count}`, requestId, nowMs };
    },
  };
}

function tellPostings(draft: Draft, lease: Lease, postings: readonly Posting[], mover: Mover): void {
  const { origin, nowMs } = mover;
  if (lease.isReservation) {
    if (postings.some((posting) => chargeOf(posting).some(({ value }) => value !== 0n))) tellSettled(draft, lease, mover);
  } else {
    for (const posting of postings) {
      const charge = { leaseId: lease.id, accountId: posting.accountId, records: posting.records, amounts: chargeOf(posting) };
      draft.tell({ organisationId: lease.organisationId, origin, occurTimeMs: nowMs, payload: { type: "lease_charged", charge } });
    }
  }
  tellCrossings(draft, lease.organisationId, mover);
}

function resultOf(draft: Draft, lease: Lease, { paths }: SettleUsage, nowMs: number): SettleUsageResult {
  const idsOf = (some: readonly PathSpec[]): string[] => {
    const ids = new Set(some.flatMap(({ accounts }) => accounts.map(({ id }) => id)));
    return [...ids].filter((id) => draft.account(id)?.organisationId === lease.organisationId);
  };
  const windows = draft.windows(lease.organisationId, nowMs);
  const units = leaseUnits(lease);
  return { lease, remaining: remaining(draft, idsOf([paths[0]]), windows, units), warnings: warningsAlong(draft, idsOf(paths), windows, units) };
}
