import { type AcquireLeaseRequest, type Amount, LeaseState, type LeaseDemand, type LeaseSettlement, Unit } from "@alfred/contracts";
import type { Charge } from "../domain/charge.ts";
import type { SettledRecord, Settlement } from "../leases/effect.ts";
import type { LeaseStanding, Remaining } from "../leases/lease-input.ts";

/** Both units, so that limits on either hold; a unit that costs nothing now may have a limit all the same. */
export function amountsOf({ nanos, tokens }: Charge): Amount[] {
  return [
    { unit: Unit.UNIT_USD, value: nanos },
    { unit: Unit.UNIT_TOKENS, value: tokens },
  ];
}

/** What is asked for, in both units. */
export function demandsOf(wanted: Charge, minimum: Charge): LeaseDemand[] {
  return [
    { unit: Unit.UNIT_USD, wanted: wanted.nanos, minimum: minimum.nanos },
    { unit: Unit.UNIT_TOKENS, wanted: wanted.tokens, minimum: minimum.tokens },
  ];
}

/** Amounts as a charge; a unit that is not named is 0. */
export function chargeOf(amounts: readonly Amount[]): Charge {
  return { nanos: valueOf(amounts, Unit.UNIT_USD) ?? 0n, tokens: valueOf(amounts, Unit.UNIT_TOKENS) ?? 0n };
}

/** What limits still allow; a unit that is not named has none. */
export function remainingOf(amounts: readonly Amount[]): Remaining {
  const [nanos, tokens] = [valueOf(amounts, Unit.UNIT_USD), valueOf(amounts, Unit.UNIT_TOKENS)];
  return { ...(nanos === undefined ? {} : { nanos }), ...(tokens === undefined ? {} : { tokens }) };
}

/** Where a lease stands; what is not stated may hold nothing. */
export function standingOf(state: LeaseState): LeaseStanding {
  if (state === LeaseState.LEASE_STATE_OPEN) return "open";
  return state === LeaseState.LEASE_STATE_SUSPENSE ? "suspense" : "closed";
}

/** A settlement as the wallet takes it. */
export function writeSettlement({ leaseId, paths, records, ceiling, finalCount, grantTimeMs }: Settlement): LeaseSettlement {
  return {
    leaseId,
    paths: [...paths],
    records: records.map(writeRecord),
    ceiling: ceiling && { amounts: amountsOf(ceiling) },
    finalCount: finalCount === undefined ? undefined : BigInt(finalCount),
    grantTime: new Date(grantTimeMs),
  };
}

function writeRecord({ number, accountId, worst, cost, isIndeterminate }: SettledRecord): LeaseSettlement["records"][number] {
  return { number: BigInt(number), accountId, worst: amountsOf(worst), cost: amountsOf(cost), indeterminate: isIndeterminate };
}

/** A stretch of time as the contract has it. */
type Duration = NonNullable<AcquireLeaseRequest["wait"]>;

/** Milliseconds as a duration. */
export function durationOf(milliseconds: number): Duration {
  const whole = Math.max(0, Math.round(milliseconds));
  return { seconds: BigInt(Math.floor(whole / 1_000)), nanos: (whole % 1_000) * 1_000_000 };
}

/** A duration in milliseconds, 0 where it is not there. */
export function millisecondsOf(duration: Duration | undefined): number {
  return duration === undefined ? 0 : Number(duration.seconds) * 1_000 + duration.nanos / 1_000_000;
}

function valueOf(amounts: readonly Amount[], wanted: Unit): bigint | undefined {
  return amounts.find(({ unit }) => unit === wanted)?.value;
}
