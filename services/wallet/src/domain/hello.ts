import type { Draft } from "./draft.ts";
import type { Origin } from "./event.ts";
import type { Gateway } from "./gateway.ts";
import { closed, heldOf } from "./lease.ts";
import type { Lease } from "./lease.ts";
import type { Operation } from "./operation.ts";
import { release } from "./posting.ts";
import type { Outcome } from "./refusal.ts";
import { done } from "./refusal.ts";
import { suspendLease } from "./suspend.ts";

/** A gateway says that it is there. */
export interface Hello {
  readonly origin: Origin;
  /** The stem of the ids of what it moves. */
  readonly transferId: string;
  readonly gatewayId: string;
  /** The id of this start. */
  readonly startId: string;
  /** The id of the start that it follows; empty for a gateway never seen. */
  readonly replaces: string;
  /** Whether its journal holds every admission of earlier starts. */
  readonly isIntact: boolean;
  /** Leases of earlier starts that its journal has records of. */
  readonly leaseIds: readonly string[];
}

/** The gateway may spend; `recalled` are leases of this start that are asked back. Or another start holds its name. */
export type HelloResult =
  | { readonly type: "welcome"; readonly incarnation: bigint; readonly recalled: readonly string[] }
  | { readonly type: "superseded"; readonly startId: string };

/**
 * Takes a start of a gateway as its latest, if it follows the one that is. Then its earlier leases are settled: of an
 * intact journal those that it does not list are provably unspent and close; of a lost one all stay in suspense for
 * good. The latest start is answered again and changes nothing.
 */
export function hello(command: Hello): Operation<HelloResult> {
  const { gatewayId, startId, replaces } = command;
  return {
    needs: { organisationId: "", gatewayId, gatewayLock: "update", leasesOfGateway: gatewayId, accountIds: [], units: [] },
    decide: (draft, nowMs) => {
      const known = draft.gateway(gatewayId);
      if (known?.startId === startId) return welcomedAgain(draft, known);
      if (replaces !== (known?.startId ?? "")) return done({ type: "superseded", startId: known?.startId ?? "" });
      const incarnation = (known?.incarnation ?? 0n) + 1n;
      settleEarlier(draft, command, nowMs);
      draft.putGateway({ id: gatewayId, incarnation, startId });
      return done({ type: "welcome", incarnation, recalled: [] });
    },
  };
}

/** Says again which leases are asked back: the gateway may not have heard of it. */
function welcomedAgain(draft: Draft, { id: gatewayId, incarnation }: Gateway): Outcome<HelloResult> {
  const recalled = draft.leasesOfGateway(gatewayId).filter(({ state, isRecalled }) => state === "open" && isRecalled);
  return done({ type: "welcome", incarnation, recalled: recalled.map(({ id }) => id) });
}

function settleEarlier(draft: Draft, command: Hello, nowMs: number): void {
  const listed = new Set(command.leaseIds);
  for (const [index, lease] of draft.leasesOfGateway(command.gatewayId).entries()) {
    const transferId = `${command.transferId}_${index + 1}`;
    if (!command.isIntact) lose(draft, lease, transferId, nowMs);
    else if (!listed.has(lease.id) && !lease.isLost) closeUnspent(draft, lease, { ...command, transferId }, nowMs);
  }
}

function lose(draft: Draft, lease: Lease, transferId: string, nowMs: number): void {
  if (lease.isLost) return;
  if (lease.state === "open") return suspendLease(draft, lease, { transferId, isLost: true, nowMs });
  const lost: Lease = { ...lease, isLost: true };
  draft.putLease(lost);
  const { organisationId, requestId, isReservation } = lease;
  const payload = { type: isReservation ? "suspended" : "lease_suspended", lease: lost } as const;
  draft.tell({ organisationId, origin: { actor: "service", requestId }, occurTimeMs: nowMs, payload });
}

function closeUnspent(draft: Draft, lease: Lease, { origin, transferId }: Pick<Hello, "origin" | "transferId">, nowMs: number): void {
  draft.putLease(closed(lease));
  release(draft, lease, heldOf(lease), { origin, transferId, requestId: lease.requestId, nowMs });
}
