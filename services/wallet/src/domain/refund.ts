import type { Amount } from "./amount.ts";
import { add, least, nonZero, unitsOf, valueOf } from "./amount.ts";
import type { Draft } from "./draft.ts";
import type { Origin } from "./event.ts";
import type { Identity } from "./identity.ts";
import type { Lease } from "./lease.ts";
import { mayMove } from "./lease.ts";
import { once } from "./once.ts";
import { unlikeAnswer } from "./open-account.ts";
import type { Operation } from "./operation.ts";
import type { Outcome } from "./refusal.ts";
import { done, refused } from "./refusal.ts";
import { unknownLease } from "./settle.ts";
import { leaseTransfer } from "./posting.ts";
import type { Transfer } from "./transfer.ts";
import { negated, posted } from "./transfer.ts";

/** Asks for a charge, or part of it, to be given back. */
export interface Refund {
  readonly identity: Identity;
  readonly origin: Origin;
  readonly transferId: string;
  readonly organisationId: string;
  readonly leaseId: string;
  readonly amounts: readonly Amount[];
  readonly reason: string;
}

export interface RefundResult {
  readonly transfer: Transfer;
  readonly replayed: boolean;
}

/**
 * Gives back at most what was charged and not yet given back, in the windows in which it was charged. What the gateway
 * charged an organisation's own key cannot give back: its requests would be free.
 */
export function refund(command: Refund): Operation<RefundResult> {
  const { identity, organisationId, leaseId, amounts } = command;
  return {
    needs: { identity, organisationId, leaseId, accountIds: [organisationId], units: unitsOf(amounts) },
    decide: (draft, nowMs) => {
      const lease = draft.lease(leaseId);
      if (lease?.organisationId !== organisationId) return unknownLease(leaseId);
      if (!mayMove(identity, lease)) return notTheirs(leaseId);
      return once(draft, identity, {
        first: () => refundFirst(draft, lease, command, nowMs),
        again: (answer) =>
          answer.type === "transfer" ? done({ transfer: answer.transfer, replayed: true }) : unlikeAnswer(identity),
      });
    },
  };
}

function refundFirst(draft: Draft, lease: Lease, command: Refund, nowMs: number): Outcome<RefundResult> {
  if (lease.state !== "closed") {
    return refused("FAILED_PRECONDITION", `The reservation ${lease.id} was never settled.`, { reservation: lease.id });
  }
  const excessive = command.amounts.find(({ unit, value }) => value > refundable(lease, unit));
  if (excessive === undefined) return giveBack(draft, lease, command, nowMs);
  const left = String(refundable(lease, excessive.unit));
  const message = `Of the charge of ${lease.id} only ${left} can still be given back, in the smallest part of ${excessive.unit}.`;
  return refused("FAILED_PRECONDITION", message, { reservation: lease.id, unit: excessive.unit, left });
}

function giveBack(draft: Draft, lease: Lease, command: Refund, nowMs: number): Outcome<RefundResult> {
  const { amounts, identity, origin, reason, transferId } = command;
  const overrun = amounts.map(({ unit, value }) => ({ unit, value: -least(value, valueOf(lease.overrun, unit)) }));
  for (const { unit, value } of amounts) {
    draft.book(lease.path, lease.windowStarts, unit, { posted: -value, overrun: valueOf(overrun, unit) });
  }
  // What an operator stated too much was no advance: records that still come are charged beyond what is left of it.
  const advance = amounts.map(({ unit, value }) => ({ unit, value: -least(value, valueOf(lease.advance, unit)) }));
  const parts = { refunded: add(lease.refunded, amounts), overrun: add(lease.overrun, overrun), advance: add(lease.advance, advance) };
  draft.putLease({ ...lease, ...parts });
  const { organisationId, accountId } = lease;
  const mover = { origin, transferId, requestId: identity.requestId, nowMs };
  const entries = posted(accountId, negated(amounts));
  const transfer: Transfer = { ...leaseTransfer(lease, mover), kind: "refund", amounts, overrun: nonZero(overrun), reason, entries };
  draft.record(transfer);
  draft.remember(identity, { type: "transfer", transfer });
  draft.tell({ organisationId, origin, occurTimeMs: nowMs, payload: { type: "refunded", transfer } });
  return done({ transfer, replayed: false });
}

function notTheirs(leaseId: string): Outcome<RefundResult> {
  const message = `Only root may refund ${leaseId}: it was not reserved by a key of the organisation.`;
  return refused("ROLE_INSUFFICIENT", message, { role: "admin", required: "root" });
}

function refundable(lease: Lease, unit: Amount["unit"]): bigint {
  return valueOf(lease.charged, unit) - valueOf(lease.refunded, unit);
}
