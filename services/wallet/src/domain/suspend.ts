import type { Draft } from "./draft.ts";
import type { Lease } from "./lease.ts";
import type { Operation } from "./operation.ts";
import { done } from "./refusal.ts";
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
      suspendLease(draft, lease, command.transferId, nowMs);
      return done(true);
    },
  };
}

function suspendLease(draft: Draft, lease: Lease, transferId: string, nowMs: number): void {
  const { organisationId, accountId, requestId, credit } = lease;
  const suspended: Lease = { ...lease, state: "suspense" };
  for (const { unit, value } of credit) {
    draft.book(lease.path, lease.windowStarts, unit, { held: -value, suspense: value });
  }
  draft.putLease(suspended);
  draft.record({
    id: transferId,
    organisationId,
    kind: "suspend",
    accountId,
    leaseId: lease.id,
    requestId,
    amounts: credit,
    reason: "",
    createTimeMs: nowMs,
    entries: moved(accountId, "held", "suspense", credit),
  });
  const origin = { actor: "service", requestId };
  draft.tell({ organisationId, origin, occurTimeMs: nowMs, payload: { type: "suspended", lease: suspended } });
}
