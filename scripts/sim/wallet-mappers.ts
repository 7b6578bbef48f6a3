import type { SettledRecord, Settlement } from "../../services/gateway/src/leases/effect.ts";
import type { Denial, Grant, HeldReservation, Remaining, SettledLease } from "../../services/gateway/src/leases/lease-input.ts";
import type { Granted } from "../../services/wallet/src/domain/acquire.ts";
import type { Amount } from "../../services/wallet/src/domain/amount.ts";
import type { PathSpec } from "../../services/wallet/src/domain/open-account.ts";
import type { Refusal } from "../../services/wallet/src/domain/refusal.ts";
import type { LeaseResult } from "../../services/wallet/src/domain/reserve.ts";
import type { SettleUsage, SettleUsageResult } from "../../services/wallet/src/domain/settle-usage.ts";
import { amountsOf, chargeFrom, specOf } from "./accounts.ts";
import type { SettleMessage } from "./messages.ts";
import { GRACE_MS, TTL_MS } from "./times.ts";

/** A settlement as the wallet takes it. */
export function settlementCommand({ gatewayId, incarnation }: SettleMessage, settlement: Settlement, transferId: string): SettleUsage {
  const { leaseId, records, ceiling, finalCount, grantTimeMs } = settlement;
  return {
    origin: { actor: "service", requestId: "" },
    transferId,
    gatewayId,
    incarnation,
    leaseId,
    paths: pathsOf(settlement),
    records: records.map(recordOf),
    ceiling: ceiling === undefined ? undefined : amountsOf(ceiling),
    finalCount,
    grantTimeMs,
    keepMs: TTL_MS + GRACE_MS,
  };
}

function recordOf({ number, accountId, worst, cost, isIndeterminate }: SettledRecord): SettleUsage["records"][number] {
  return { number, accountId, worst: amountsOf(worst), cost: amountsOf(cost), isIndeterminate };
}

function pathsOf({ paths, leaseId }: Settlement): readonly [PathSpec, ...PathSpec[]] {
  const [first, ...others] = paths.map(specOf);
  if (first === undefined) throw new Error(`the settlement of ${leaseId} names no path`);
  return [first, ...others];
}

export function grantOf({ lease, ttlMs, limitsRevision, remaining }: Granted): Grant {
  const { id, organisationId, accountId, state, isRecalled, createTimeMs, credit } = lease;
  return {
    leaseId: id,
    organisationId,
    accountId,
    state,
    isRecalled,
    grantTimeMs: createTimeMs,
    ttlMs,
    credit: chargeFrom(credit),
    remaining: remainingOf(remaining),
    warnings: [],
    limitsRevision,
  };
}

export function reservationOf({ lease, remaining }: LeaseResult): HeldReservation {
  const { id, organisationId, createTimeMs } = lease;
  return { leaseId: id, organisationId, grantTimeMs: createTimeMs, remaining: remainingOf(remaining), warnings: [] };
}

export function standingOf({ lease, remaining }: SettleUsageResult): SettledLease {
  return { leaseId: lease.id, state: lease.state, remaining: remainingOf(remaining), warnings: [] };
}

export function denialOf({ reason, message, metadata }: Refusal): Denial {
  return { reason, message, metadata };
}

function remainingOf(amounts: readonly Amount[]): Remaining {
  const [usd, tokens] = [amounts.find(({ unit }) => unit === "usd"), amounts.find(({ unit }) => unit === "tokens")];
  return { ...(usd === undefined ? {} : { nanos: usd.value }), ...(tokens === undefined ? {} : { tokens: tokens.value }) };
}
