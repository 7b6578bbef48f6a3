import type { Unit } from "./amount.ts";
import type { Period, Window } from "./window.ts";

/** A soft limit that is passed. */
export interface BudgetWarning {
  readonly accountId: string;
  readonly unit: Unit;
  readonly period: Period;
  /** The soft limit, in the unit's smallest part. */
  readonly soft: bigint;
  /** What is spent in the window. */
  readonly posted: bigint;
  readonly window: Window;
}
