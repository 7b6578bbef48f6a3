import type { Draft } from "./draft.ts";
import type { Lease } from "./lease.ts";
import { heldOf } from "./lease.ts";
import type { Operation } from "./operation.ts";
import { done } from "./refusal.ts";
import { leaseTransfer } from "./posting.ts";
import { moved } from "./transfer.ts";

/** Asks for a lease whose time is over to be suspended. */
export interface Suspend {
  readonly organisationId: string;
  readonly leaseId: string;
  readonly transferId: string;
}

/**
 * Moves what an expired lease holds to suspense, where it counts on: the provider may have been paid. Answers whether
 * it did; a lease that was settled meanwhile, or suspended by another process, is left alone.
 */
export function suspend(command: Suspend): Operation<boolean> {
  const { organisationId, leaseId } = command;
  return {
    needs: { organisationId, leaseId, accountIds: [organisationId], units: [] },
    decide: (draft, nowMs) => {
      const lease = draft.lease(leaseId);
      if (lease?.state !== "open" || lease.expireTimeMs > nowMs) return done(false);
      suspendLease(draft, lease, { transferId: command.transferId, isLost: false, nowMs });
      return done(true);
    },
  };
}

/** Moves what an open lease holds to suspense; `lost` where its gateway's journal is, so that no word of it releases it. */
export function suspendLease(draft: Draft, lease: Lease, suspension: Suspension): void {
  const { transferId, isLost, nowMs } = suspension;
  const { organisationId, accountId, requestId, path, windowStarts } = lease;
  const suspended: Lease = { ...lease, state: "suspense", isLost };
  const held = heldOf(lease);
  for (const { unit, value } of held) draft.book(path, windowStarts, unit, { held: -value, suspense: value });
  draft.putLease(suspended);
  const origin = { actor: "service", requestId };
  const entries = moved(accountId, "held", "suspense", held);
  draft.record({ ...leaseTransfer(lease, { origin, transferId, requestId, nowMs }), kind: "suspend", amounts: held, entries });
  const payload = { type: lease.isReservation ? "suspended" : "lease_suspended", lease: suspended } as const;
  draft.tell({ organisationId, origin, occurTimeMs: nowMs, payload });
}

interface Suspension {
  readonly transferId: string;
  readonly isLost: boolean;
  readonly nowMs: number;
}
