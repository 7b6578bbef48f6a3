import type { Amount, Unit } from "../../../services/wallet/src/domain/amount.ts";
import { unitsOf, valueOf } from "../../../services/wallet/src/domain/amount.ts";
import type { Lease } from "../../../services/wallet/src/domain/lease.ts";
import { heldOf } from "../../../services/wallet/src/domain/lease.ts";
import { hasRecord } from "../../../services/wallet/src/domain/record-numbers.ts";
import { amountsOf } from "../accounts.ts";
import type { TalliedRecord } from "../tally.ts";

type Records = ReadonlyMap<number, TalliedRecord>;

/** What the wallet knows of a record. */
export function knowledgeOf(lease: Lease, number: number): "nothing" | "indeterminate" | "actual" {
  if (!hasRecord(lease.seen, number)) return "nothing";
  return lease.records.get(number)?.isIndeterminate === true ? "indeterminate" : "actual";
}

/** Checks a lease against what its providers billed; `isPlain` where nothing but its records says what it came to. */
export function leaseFaults(lease: Lease, records: Records, isPlain: boolean): string[] {
  return [...chargeFaults(lease, records), ...(isPlain ? overrunFaults(lease, records) : [])];
}

/** I6: what a lease was charged is each of its known records once, besides what an operator advanced. */
function chargeFaults(lease: Lease, records: Records): string[] {
  const known = [...records.values()].filter(({ number }) => knowledgeOf(lease, number) !== "nothing");
  const expected = sum(known.map((record) => (knowledgeOf(lease, record.number) === "actual" ? costOf(record) : amountsOf(record.worst))));
  const found = unitsOf(lease.charged, lease.advance).map((unit) => ({ unit, value: valueOf(lease.charged, unit) - valueOf(lease.advance, unit) }));
  const difference = amountDifference(found, expected);
  return difference === undefined ? [] : [`I6: ${leaseName(lease)} was charged ${difference}`];
}

/** I13: overrun is what records cost above their worst cases. */
function overrunFaults(lease: Lease, records: Records): string[] {
  const known = [...records.values()].filter(({ number }) => knowledgeOf(lease, number) === "actual");
  const difference = amountDifference(lease.overrun, sum(known.map(excessOf)));
  return difference === undefined ? [] : [`I13: ${leaseName(lease)} has overrun ${difference}`];
}

/**
 * I0, lease by lease: what was billed and is not posted is held or in suspense; or it is charged to records that nobody
 * knows the cost of, above what theirs was.
 */
export function coverFaults(lease: Lease, records: Records): string[] {
  const all = [...records.values()];
  const open = sum(all.filter(({ number }) => knowledgeOf(lease, number) === "nothing").map(coveredOf));
  const presumed = all.filter(({ number }) => knowledgeOf(lease, number) === "indeterminate");
  const [charged, billed] = [sum(presumed.map(({ worst }) => amountsOf(worst))), sum(presumed.map(coveredOf))];
  const held = heldOf(lease);
  return open.flatMap(({ unit, value }) => {
    const covered = valueOf(held, unit) + valueOf(charged, unit) - valueOf(billed, unit);
    return value <= covered ? [] : [`I0: providers billed ${value} ${unit} on ${leaseName(lease)}, which has ${covered} for it`];
  });
}

/** What a provider billed within its worst case. */
function coveredOf(record: TalliedRecord): Amount[] {
  const worst = amountsOf(record.worst);
  return costOf(record).map(({ unit, value }) => ({ unit, value: value < valueOf(worst, unit) ? value : valueOf(worst, unit) }));
}

/** What a provider billed above its worst case. */
export function excessOf(record: TalliedRecord): Amount[] {
  const covered = coveredOf(record);
  return costOf(record).map(({ unit, value }) => ({ unit, value: value - valueOf(covered, unit) }));
}

/** What a provider billed; nothing where it was never called. */
export function costOf({ cost }: TalliedRecord): Amount[] {
  return cost === undefined ? [] : amountsOf(cost);
}

export function sum(lists: ReadonlyArray<readonly Amount[]>): Amount[] {
  const totals = new Map<Unit, bigint>();
  for (const { unit, value } of lists.flat()) totals.set(unit, (totals.get(unit) ?? 0n) + value);
  return [...totals].map(([unit, value]) => ({ unit, value }));
}

/** What two lists of amounts differ by, in words; undefined where they agree. */
function amountDifference(found: readonly Amount[], expected: readonly Amount[]): string | undefined {
  const unlike = unitsOf(found, expected).filter((unit) => valueOf(found, unit) !== valueOf(expected, unit));
  if (unlike.length === 0) return undefined;
  return unlike.map((unit) => `${valueOf(found, unit)} instead of ${valueOf(expected, unit)} ${unit}`).join(", ");
}

/** A lease, in words. */
export function leaseName({ id, gatewayId, incarnation, state, isLost }: Lease): string {
  return `${state}${isLost ? " lost" : ""} ${id} of ${gatewayId}/${incarnation}`;
}
