import type { Amount } from "./amount.ts";
import { most, unitsOf, valueOf } from "./amount.ts";
import type { Draft } from "./draft.ts";
import type { Origin } from "./event.ts";
import type { Identity } from "./identity.ts";
import type { Lease } from "./lease.ts";
import { overrunAfter } from "./lease.ts";
import type { Outcome } from "./refusal.ts";
import { done } from "./refusal.ts";
import type { LeaseResult } from "./reserve.ts";
import { leaseAgain } from "./reserve.ts";
import type { Transfer } from "./transfer.ts";
import { posted } from "./transfer.ts";

/** What a closed lease really cost. */
interface Correction {
  readonly identity: Identity;
  readonly origin: Origin;
  readonly transferId: string;
  readonly amounts: readonly Amount[];
}

/**
 * Makes the charge of a closed lease what a settlement says, in the windows in which it was granted. What was given
 * back stays given back: the charge never falls below it.
 */
export function correct(draft: Draft, lease: Lease, correction: Correction, nowMs: number): Outcome<LeaseResult> {
  const { origin, identity, amounts } = correction;
  const { organisationId } = lease;
  const corrected = correctedLease(lease, amounts);
  const changes = changesOf(lease, corrected);
  for (const change of changes) {
    const overrun = overrunAfter(lease, change) - valueOf(lease.overrun, change.unit);
    draft.book(lease.path, lease.windowStarts, change.unit, { posted: change.value, overrun });
  }
  draft.putLease(corrected);
  draft.remember(identity, { type: "lease", leaseId: lease.id });
  if (changes.length > 0) {
    draft.record(transferOf(corrected, correction, changes, nowMs));
    draft.tell({ organisationId, origin, occurTimeMs: nowMs, payload: { type: "settled", lease: corrected } });
  }
  return done({ ...leaseAgain(draft, corrected, nowMs), replayed: false });
}

function correctedLease(lease: Lease, amounts: readonly Amount[]): Lease {
  const settled = unitsOf(lease.settled, amounts).map((unit) => {
    return { unit, value: most(valueOf(amounts, unit), valueOf(lease.refunded, unit)) };
  });
  const changes = changesOf(lease, { settled });
  const overrun = unitsOf(lease.overrun, changes).map((unit) => {
    return { unit, value: overrunAfter(lease, { unit, value: valueOf(changes, unit) }) };
  });
  return { ...lease, settled, overrun };
}

/** What has to be posted, per unit; negative where the charge was too high. */
function changesOf(before: Pick<Lease, "settled">, after: Pick<Lease, "settled">): Amount[] {
  const changes = after.settled.map(({ unit, value }) => ({ unit, value: value - valueOf(before.settled, unit) }));
  return changes.filter(({ value }) => value !== 0n);
}

function transferOf(lease: Lease, correction: Correction, changes: readonly Amount[], nowMs: number): Transfer {
  return {
    id: correction.transferId,
    organisationId: lease.organisationId,
    kind: "correction",
    accountId: lease.accountId,
    leaseId: lease.id,
    requestId: correction.identity.requestId,
    amounts: changes,
    reason: "",
    createTimeMs: nowMs,
    entries: posted(lease.accountId, changes),
  };
}
