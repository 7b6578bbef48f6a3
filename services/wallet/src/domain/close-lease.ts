import type { Amount } from "./amount.ts";
import { add, most, nonZero, unitsOf, valueOf } from "./amount.ts";
import type { Draft } from "./draft.ts";
import type { Origin } from "./event.ts";
import type { Identity } from "./identity.ts";
import { isCurrent } from "./incarnation.ts";
import type { Lease } from "./lease.ts";
import { bucketOf, closed, heldOf } from "./lease.ts";
import { once } from "./once.ts";
import { unlikeAnswer } from "./open-account.ts";
import type { Operation } from "./operation.ts";
import type { Mover } from "./posting.ts";
import { leaseTransfer, tellCrossings } from "./posting.ts";
import type { Outcome } from "./refusal.ts";
import { done, refused } from "./refusal.ts";
import { moved, posted } from "./transfer.ts";

/** An operator's word on a lease whose fate is unknown. */
export interface CloseLease {
  readonly identity: Identity;
  readonly origin: Origin;
  readonly transferId: string;
  /** The lease, and of it the organisation and the gateway, which never change. */
  readonly leaseId: string;
  readonly organisationId: string;
  readonly gatewayId: string;
  /** What it cost beside the records that are posted already. Records that still come draw it down. */
  readonly cost: readonly Amount[];
  readonly reason: string;
  /** Closes it although its gateway was not replaced. */
  readonly isForced: boolean;
}

export interface CloseLeaseResult {
  readonly lease: Lease;
  readonly replayed: boolean;
}

/**
 * Closes a lease at a stated cost and gives the rest of its hold back. Refused while the start that it was granted to
 * is its gateway's latest, unless it is forced; where it is closed; and for a reservation, which whoever made it settles.
 */
export function closeLease(command: CloseLease): Operation<CloseLeaseResult> {
  const { identity, organisationId, leaseId, gatewayId, cost } = command;
  return {
    needs: {
      identity,
      organisationId,
      leaseId,
      ...(gatewayId === "" ? {} : { gatewayId, gatewayLock: "share" }),
      accountIds: [organisationId],
      units: unitsOf(cost),
    },
    decide: (draft, nowMs) => {
      const lease = draft.lease(leaseId);
      if (lease?.organisationId !== organisationId) return refused("NOT_FOUND", `There is no lease ${leaseId}.`, { lease: leaseId });
      return once(draft, identity, {
        first: () => closeFirst(draft, lease, command, nowMs),
        again: (answer) => (answer.type === "lease" ? done({ lease, replayed: true }) : unlikeAnswer(identity)),
      });
    },
  };
}

function closeFirst(draft: Draft, lease: Lease, command: CloseLease, nowMs: number): Outcome<CloseLeaseResult> {
  const { identity, origin, transferId, isForced } = command;
  if (lease.isReservation) return unclosable(lease, "is a reservation", RESERVATION_HINT);
  if (lease.state === "closed") return unclosable(lease, "is closed already", CLOSED_HINT);
  const mayLive = isCurrent(draft, lease);
  if (mayLive && !isForced) {
    return unclosable(lease, `is of the latest start of the gateway ${lease.gatewayId}, which may still spend it`, ALIVE_HINT);
  }
  const after = closeAt(draft, lease, command, { origin, transferId, requestId: identity.requestId, nowMs });
  draft.remember(identity, { type: "lease", leaseId: lease.id });
  const closure = { lease: after, cost: command.cost, reason: command.reason, forced: mayLive };
  draft.tell({ organisationId: lease.organisationId, origin, occurTimeMs: nowMs, payload: { type: "lease_closed", closure } });
  tellCrossings(draft, lease.organisationId, { origin, nowMs });
  return done({ lease: after, replayed: false });
}

const RESERVATION_HINT = "Say what it cost with Settle.";
const CLOSED_HINT = "Refund gives back what it was charged too much.";
const ALIVE_HINT =
  "Start that gateway again on its volume: it then settles the lease itself. Set `force` only if its process is known to be dead and its volume to be gone.";

function unclosable(lease: Lease, why: string, hint: string): Outcome<CloseLeaseResult> {
  const metadata = { lease: lease.id, state: lease.state };
  return { ok: false, refusal: { reason: "FAILED_PRECONDITION", message: `The lease ${lease.id} ${why}.`, metadata, hint }, stored: false };
}

/** Posts the cost where the lease hangs, since which leaves it fell on only its records can say. */
function closeAt(draft: Draft, lease: Lease, { cost, reason }: CloseLease, mover: Mover): Lease {
  const held = heldOf(lease);
  const overrun = cost.map(({ unit, value }) => ({ unit, value: most(value - valueOf(held, unit), 0n) }));
  for (const unit of unitsOf(held, cost)) {
    const change = { [bucketOf(lease)]: -valueOf(held, unit), posted: valueOf(cost, unit), overrun: valueOf(overrun, unit) };
    draft.book(lease.path, lease.windowStarts, unit, change);
  }
  const charged = add(lease.charged, cost);
  const advance = add(lease.advance, cost);
  const after = closed({ ...lease, charged, advance, overrun: add(lease.overrun, overrun) });
  draft.putLease(after);
  const entries = [...moved(lease.accountId, bucketOf(lease), "available", held), ...posted(lease.accountId, cost)];
  draft.record({ ...leaseTransfer(lease, mover), kind: "close", amounts: cost, overrun: nonZero(overrun), reason, entries });
  return after;
}
