/** Paths of accounts as JSON in a column. Limits are strings there, since JSON numbers lose digits. */
import type { AccountKind, LimitPeriod, LimitUnit, PathAccount } from "../domain/tree.ts";

/** A path as it stands in the column. */
export type PathJson = readonly {
  readonly id: string;
  readonly kind: AccountKind;
  readonly limits: readonly { readonly unit: LimitUnit; readonly period: LimitPeriod; readonly hard: string }[];
}[];

/** Writes a path for a jsonb parameter. */
export function writePath(path: readonly PathAccount[]): string {
  const json: PathJson = path.map((account) => ({
    id: account.id,
    kind: account.kind,
    limits: account.limits.map((limit) => ({ ...limit, hard: limit.hard.toString() })),
  }));
  return JSON.stringify(json);
}

/** Reads a path back. */
export function readPath(path: PathJson): PathAccount[] {
  return path.map((account) => ({
    ...account,
    limits: account.limits.map((limit) => ({ ...limit, hard: BigInt(limit.hard) })),
  }));
}
