import type { Amount } from "./amount.ts";
import { most, sameAmounts, unitsOf, valueOf } from "./amount.ts";
import { correct } from "./correct.ts";
import type { Draft } from "./draft.ts";
import type { Origin } from "./event.ts";
import type { Identity } from "./identity.ts";
import { SERVICE_SCOPE } from "./identity.ts";
import type { Lease } from "./lease.ts";
import { mayMove } from "./lease.ts";
import { once } from "./once.ts";
import type { Operation } from "./operation.ts";
import type { Outcome } from "./refusal.ts";
import { done, refused } from "./refusal.ts";
import type { LeaseResult } from "./reserve.ts";
import { leaseAgain } from "./reserve.ts";
import { moved, posted } from "./transfer.ts";

/** Says what a lease really cost. */
export interface Settle {
  readonly identity: Identity;
  readonly origin: Origin;
  readonly transferId: string;
  readonly organisationId: string;
  readonly leaseId: string;
  readonly amounts: readonly Amount[];
}

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
      if (lease?.organisationId !== organisationId || !mayMove(identity, lease)) return unknownLease(leaseId);
      return once(draft, identity, {
        first: () => settleFirst(draft, lease, command, nowMs),
        again: () => done(leaseAgain(draft, lease, nowMs)),
      });
    },
  };
}

function settleFirst(draft: Draft, lease: Lease, command: Settle, nowMs: number): Outcome<LeaseResult> {
  if (lease.state !== "closed") return charge(draft, lease, command, nowMs);
  if (sameAmounts(lease.settled, command.amounts)) return done(leaseAgain(draft, lease, nowMs));
  if (command.identity.scope === SERVICE_SCOPE) return correct(draft, lease, command, nowMs);
  const message = `The reservation ${lease.id} was settled before with other amounts.`;
  return refused("REQUEST_ID_REUSED", message, { reservation: lease.id });
}

function charge(draft: Draft, lease: Lease, command: Settle, nowMs: number): Outcome<LeaseResult> {
  const { amounts, origin, identity, transferId } = command;
  const bucket = lease.state === "suspense" ? "suspense" : "held";
  const overrun = amounts.map(({ unit, value }) => ({ unit, value: most(value - valueOf(lease.credit, unit), 0n) }));
  for (const unit of unitsOf(lease.credit, amounts)) {
    const change = { [bucket]: -valueOf(lease.credit, unit), posted: valueOf(amounts, unit), overrun: valueOf(overrun, unit) };
    draft.book(lease.path, lease.windowStarts, unit, change);
  }
  const settled: Lease = { ...lease, state: "closed", settled: amounts, overrun };
  draft.putLease(settled);
  draft.record({
    id: transferId,
    organisationId: lease.organisationId,
    kind: "settle",
    accountId: lease.accountId,
    leaseId: lease.id,
    requestId: identity.requestId,
    amounts,
    reason: "",
    createTimeMs: nowMs,
    entries: [...moved(lease.accountId, bucket, "available", lease.credit), ...posted(lease.accountId, amounts)],
  });
  draft.remember(identity, { type: "lease", leaseId: lease.id });
  if (amounts.some(({ value }) => value > 0n)) tellSettled(draft, settled, origin, nowMs);
  return done({ ...leaseAgain(draft, settled, nowMs), replayed: false });
}

function tellSettled(draft: Draft, lease: Lease, origin: Origin, nowMs: number): void {
  const { organisationId } = lease;
  draft.tell({ organisationId, origin, occurTimeMs: nowMs, payload: { type: "settled", lease } });
}

/** The answer for a reservation that is not there, or not for this caller. */
export function unknownLease<T>(id: string): Outcome<T> {
  return refused("NOT_FOUND", `There is no reservation ${id}.`, { reservation: id });
}
