/** Paths of accounts as JSON in a column. Limits are strings there, since JSON numbers lose digits. */
import type { AccountKind, Limit, LimitPeriod, LimitUnit, PathAccount } from "../domain/tree.ts";

/** A limit as it stands there; those from before there were soft limits and clamps have neither. */
interface LimitJson {
  readonly unit: LimitUnit;
  readonly period: LimitPeriod;
  readonly hard: string;
  readonly soft?: string;
  readonly clamp?: boolean;
}

/** A path as it stands in the column. */
export type PathJson = readonly {
  readonly id: string;
  readonly kind: AccountKind;
  readonly limits: readonly LimitJson[];
}[];

/** Writes a path for a jsonb parameter. */
export function writePath(path: readonly PathAccount[]): string {
  const json: PathJson = path.map((account) => ({
    id: account.id,
    kind: account.kind,
    limits: account.limits.map(writeLimit),
  }));
  return JSON.stringify(json);
}

/** Reads a path back. */
export function readPath(path: PathJson): PathAccount[] {
  return path.map((account) => ({
    ...account,
    limits: account.limits.map(readLimit),
  }));
}

function writeLimit({ unit, period, hard, soft, clamp }: Limit): LimitJson {
  const json = { unit, period, hard: hard.toString(), clamp };
  return soft === undefined ? json : { ...json, soft: soft.toString() };
}

function readLimit({ unit, period, hard, soft, clamp = false }: LimitJson): Limit {
  const limit = { unit, period, hard: BigInt(hard), clamp };
  return soft === undefined ? limit : { ...limit, soft: BigInt(soft) };
}
