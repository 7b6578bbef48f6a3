/** Between the wire and the domain: the only place where both are known. */
import { AccountKind as WireKind, Period, Role, Unit } from "@alfred/contracts";
import type {
  AccountPath,
  HashedKey,
  Key,
  Limit as WireLimit,
  Node,
  Organisation as WireOrganisation,
} from "@alfred/contracts";

import { distinctLimits } from "../domain/field.ts";
import type { ApiKey, KeyRole } from "../domain/key.ts";
import { invalid } from "../domain/refusal.ts";
import type {
  AccountKind,
  Limit,
  LimitPeriod,
  LimitUnit,
  NodeKind,
  Organisation,
  PathAccount,
  TreeNode,
} from "../domain/tree.ts";

const UNITS: Readonly<Record<LimitUnit, Unit>> = {
  usd: Unit.UNIT_USD,
  tokens: Unit.UNIT_TOKENS,
  credits: Unit.UNIT_CREDITS,
};
const PERIODS: Readonly<Record<LimitPeriod, Period>> = {
  day: Period.PERIOD_DAY,
  week: Period.PERIOD_WEEK,
  month: Period.PERIOD_MONTH,
  none: Period.PERIOD_NONE,
};
const ROLES: Readonly<Record<KeyRole, Role>> = { user: Role.ROLE_USER, admin: Role.ROLE_ADMIN, root: Role.ROLE_ROOT };
const KINDS: Readonly<Record<AccountKind, WireKind>> = {
  organisation: WireKind.ACCOUNT_KIND_ORGANISATION,
  department: WireKind.ACCOUNT_KIND_DEPARTMENT,
  team: WireKind.ACCOUNT_KIND_TEAM,
  user: WireKind.ACCOUNT_KIND_USER,
  service_account: WireKind.ACCOUNT_KIND_SERVICE_ACCOUNT,
  key: WireKind.ACCOUNT_KIND_KEY,
};

/** Reads limits. Errors: INVALID_ARGUMENT for one without unit or period, a negative one, or one stated twice. */
export function readLimits(limits: readonly WireLimit[]): readonly Limit[] {
  return distinctLimits(limits.map(readLimit));
}

function readLimit(limit: WireLimit, index: number): Limit {
  const unit = keyOf(UNITS, limit.unit);
  const period = keyOf(PERIODS, limit.period);
  if (unit === undefined) {
    throw invalid(`limits[${index}].unit`, "not stated", "Use UNIT_USD, UNIT_TOKENS or UNIT_CREDITS.");
  }
  if (period === undefined) {
    throw invalid(`limits[${index}].period`, "not stated", "Use PERIOD_DAY, PERIOD_WEEK, PERIOD_MONTH or PERIOD_NONE.");
  }
  const { hard, soft, clamp } = limit;
  return { unit, period, hard, soft, clamp };
}

/** Reads the role of a new key; unspecified means "user". */
export function readKeyRole(role: Role): "user" | "admin" {
  if (role === Role.ROLE_UNSPECIFIED || role === Role.ROLE_USER) return "user";
  if (role === Role.ROLE_ADMIN) return "admin";
  throw invalid("role", "a key cannot have this role", "Use ROLE_USER or ROLE_ADMIN.");
}

/** Reads a filter by kind; unspecified means all. */
export function readNodeKind(kind: WireKind): NodeKind | undefined {
  if (kind === WireKind.ACCOUNT_KIND_UNSPECIFIED) return undefined;
  const known = keyOf(KINDS, kind);
  if (known !== undefined && known !== "key") return known;
  throw invalid("kind", "not a kind of node", "Use a kind from organisation to service account; ListKeys lists keys.");
}

/** Writes what an account stands for. */
export function writeAccountKind(kind: AccountKind): WireKind {
  return KINDS[kind];
}

/** Writes an organisation. */
export function writeOrganisation(organisation: Organisation): WireOrganisation {
  return { ...organisation };
}

/** Writes a node. */
export function writeNode(node: TreeNode): Node {
  const { id, organisationId, parentId, name, createTime } = node;
  return {
    id,
    organisationId,
    parentId,
    name,
    createTime,
    kind: KINDS[node.kind],
    path: writePath(node.organisationId, node.timeZone, node.path),
    allowedModels: [...node.allowedModels],
  };
}

/** Writes a key; its hash stays here. */
export function writeKey(key: ApiKey): Key {
  const { id, organisationId, parentId, name, prefix, requestsPerMinute, expireTime, revokeTime, createTime } = key;
  return {
    id,
    organisationId,
    parentId,
    name,
    prefix,
    requestsPerMinute,
    expireTime,
    revokeTime,
    createTime,
    role: ROLES[key.role],
    path: key.role === "root" ? undefined : writePath(key.organisationId, key.timeZone, key.path),
    allowedModels: [...key.allowedModels],
  };
}

/** Writes a key with its hash, for peers only. */
export function writeHashedKey(key: ApiKey): HashedKey {
  return { key: writeKey(key), secretSha256: Buffer.from(key.secretSha256) };
}

function writePath(organisationId: string, timeZone: string, path: readonly PathAccount[]): AccountPath {
  return {
    organisationId,
    timeZone,
    accounts: path.map((account) => ({
      id: account.id,
      kind: KINDS[account.kind],
      initialLimits: account.limits.map(writeLimit),
    })),
  };
}

function writeLimit(limit: Limit): WireLimit {
  const { unit, period, hard, soft, clamp } = limit;
  return { unit: UNITS[unit], period: PERIODS[period], hard, soft, clamp };
}

function keyOf<Name extends string, Value>(table: Readonly<Record<Name, Value>>, value: Value): Name | undefined {
  return (Object.keys(table) as Name[]).find((name) => table[name] === value);
}
