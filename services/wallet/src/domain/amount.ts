import type { Amount, Unit } from "@alfred/money";

export type { Amount, Unit };

export const UNITS: readonly Unit[] = ["usd", "tokens", "credits"];

/** What `amounts` says about a unit; 0 where it says nothing. */
export function valueOf(amounts: readonly Amount[], unit: Unit): bigint {
  return amounts.find((amount) => amount.unit === unit)?.value ?? 0n;
}

/** The units named in any of the lists, each once. */
export function unitsOf(...lists: ReadonlyArray<readonly Amount[]>): Unit[] {
  const units: Unit[] = [];
  for (const list of lists) for (const { unit } of list) if (!units.includes(unit)) units.push(unit);
  return units;
}

/** Adds two lists unit by unit. */
export function add(left: readonly Amount[], right: readonly Amount[]): Amount[] {
  return unitsOf(left, right).map((unit) => ({ unit, value: valueOf(left, unit) + valueOf(right, unit) }));
}

/** Takes one list from another, unit by unit. */
export function minus(left: readonly Amount[], right: readonly Amount[]): Amount[] {
  return unitsOf(left, right).map((unit) => ({ unit, value: valueOf(left, unit) - valueOf(right, unit) }));
}

/** The amounts that are not 0. */
export function nonZero(amounts: readonly Amount[]): Amount[] {
  return amounts.filter(({ value }) => value !== 0n);
}

/** Whether both lists say the same about every unit. */
export function sameAmounts(left: readonly Amount[], right: readonly Amount[]): boolean {
  return unitsOf(left, right).every((unit) => valueOf(left, unit) === valueOf(right, unit));
}

export function least(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}

export function most(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}
