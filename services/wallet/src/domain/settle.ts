import type { Amount } from "./amount.ts";
import { add, sameAmounts, unitsOf } from "./amount.ts";
import type { Draft } from "./draft.ts";
import type { Origin } from "./event.ts";
import type { Identity } from "./identity.ts";
import { SERVICE_SCOPE } from "./identity.ts";
import type { Lease, PostedRecord } from "./lease.ts";
import { closed, heldOf, mayMove } from "./lease.ts";
import { once } from "./once.ts";
import type { Operation } from "./operation.ts";
import type { LeaseRecord, RecordChange } from "./post-record.ts";
import { replaceRecord } from "./post-record.ts";
import type { Mover, Posting } from "./posting.ts";
import { bookPosting, chargeOf, postingOf, postingTransfer, tellCrossings } from "./posting.ts";
import type { Outcome } from "./refusal.ts";
import { done, refused } from "./refusal.ts";
import type { LeaseResult } from "./reserve.ts";
import { leaseAgain } from "./reserve.ts";

/** Says what a reservation really cost. */
export interface Settle {
  readonly identity: Identity;
  readonly origin: Origin;
  readonly transferId: string;
  readonly organisationId: string;
  readonly leaseId: string;
  readonly amounts: readonly Amount[];
}

/** The number of a reservation's only record. */
const ONLY_RECORD = 1;

/**
 * Charges what was used and gives the rest of the hold back, in the windows in which it was granted. Never refused
 * for money or age; what exceeds the hold is posted beyond it and counted as overrun. Where somebody else settled
 * before a peer service does, the difference is posted: only the peer knows what the provider charged.
 */
export function settle(command: Settle): Operation<LeaseResult> {
  const { identity, organisationId, leaseId, amounts } = command;
  return {
    needs: { identity, organisationId, leaseId, accountIds: [organisationId], units: unitsOf(amounts) },
    decide: (draft, nowMs) => {
      const lease = draft.lease(leaseId);
      if (lease?.organisationId !== organisationId || !lease.isReservation || !mayMove(identity, lease)) return unknownLease(leaseId);
      return once(draft, identity, {
        first: () => settleFirst(draft, lease, command, nowMs),
        again: () => done(leaseAgain(draft, lease, nowMs)),
      });
    },
  };
}

function settleFirst(draft: Draft, lease: Lease, command: Settle, nowMs: number): Outcome<LeaseResult> {
  const known = lease.records.get(ONLY_RECORD);
  const isPeer = command.identity.scope === SERVICE_SCOPE;
  // A peer's word makes certain what somebody else said before it.
  if (known === undefined || (isPeer && known.isIndeterminate)) return charge(draft, lease, command, nowMs);
  if (lease.state === "closed" && sameAmounts(costOf(known), command.amounts)) return done(leaseAgain(draft, lease, nowMs));
  if (isPeer) return charge(draft, lease, command, nowMs);
  const message = `The reservation ${lease.id} was settled before with other amounts.`;
  return refused("REQUEST_ID_REUSED", message, { reservation: lease.id });
}

function costOf({ drawn, advanced, beyond }: PostedRecord): Amount[] {
  return add(add(drawn, advanced), beyond);
}

function charge(draft: Draft, lease: Lease, command: Settle, nowMs: number): Outcome<LeaseResult> {
  const { amounts, origin, identity, transferId } = command;
  const isIndeterminate = identity.scope !== SERVICE_SCOPE;
  const record: LeaseRecord = { number: ONLY_RECORD, accountId: lease.accountId, worst: lease.credit, cost: amounts, isIndeterminate };
  const change = replaceRecord(lease, record);
  const settled = closed(change.lease);
  draft.putLease(settled);
  draft.remember(identity, { type: "lease", leaseId: lease.id });
  moveOnce(draft, lease, change, { origin, transferId, requestId: identity.requestId, nowMs });
  return done({ ...leaseAgain(draft, settled, nowMs), replayed: false });
}

/** Books the charge and gives the rest of the hold back in one transfer. */
function moveOnce(draft: Draft, lease: Lease, change: RecordChange, mover: Mover): void {
  const posting: Posting = { ...postingOf(change, ONLY_RECORD, lease.path), drawn: heldOf(lease) };
  const isFirst = !change.isCorrection;
  if (isFirst || changesAnything(posting)) {
    bookPosting(draft, lease, posting);
    draft.record(postingTransfer(lease, posting, mover));
  }
  if (chargeOf(posting).some(({ value }) => value !== 0n)) tellSettled(draft, closed(change.lease), mover);
  tellCrossings(draft, lease.organisationId, mover);
}

function changesAnything({ drawn, advanced, posted }: Posting): boolean {
  return [...drawn, ...advanced, ...posted].some(({ value }) => value !== 0n);
}

/** Tells what a reservation was charged. */
export function tellSettled(draft: Draft, lease: Lease, { origin, nowMs }: Pick<Mover, "origin" | "nowMs">): void {
  draft.tell({ organisationId: lease.organisationId, origin, occurTimeMs: nowMs, payload: { type: "settled", lease } });
}

/** The answer for a reservation that is not there, or not for this caller. */
export function unknownLease<T>(id: string): Outcome<T> {
  return refused("NOT_FOUND", `There is no reservation ${id}.`, { reservation: id });
}
