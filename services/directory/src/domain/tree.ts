/**
 * The tree of an organisation: which kinds there are, what may stand under what, and the path of accounts that follows
 * from it.
 */
import { invalid } from "./refusal.ts";

/** What a node stands for. */
export type NodeKind = "organisation" | "department" | "team" | "user" | "service_account";

/** What an account stands for: a node, or a key. */
export type AccountKind = NodeKind | "key";

/** What a limit counts: nano-dollars, tokens, or thousandths of a credit. */
export type LimitUnit = "usd" | "tokens" | "credits";

/** How often a limit starts anew; "none" never does. */
export type LimitPeriod = "day" | "week" | "month" | "none";

/** A budget for one unit and period, in the unit's smallest part and at least 0. */
export interface Limit {
  readonly unit: LimitUnit;
  readonly period: LimitPeriod;
  /** What must never be passed. */
  readonly hard: bigint;
  /** What is warned of, at most `hard`; undefined where nothing is. */
  readonly soft?: bigint | undefined;
  /** Whether answers are cut to what is left to pay for. */
  readonly clamp: boolean;
}

/** One account of a path and the limits that it is opened with. */
export interface PathAccount {
  readonly id: string;
  readonly kind: AccountKind;
  readonly limits: readonly Limit[];
}

/** The root of a tree, one tenant. */
export interface Organisation {
  readonly id: string;
  readonly name: string;
  readonly timeZone: string;
  readonly createTime: Date;
}

/** A node; `path` runs from itself to the organisation. */
export interface TreeNode {
  readonly id: string;
  readonly organisationId: string;
  readonly parentId: string;
  readonly kind: NodeKind;
  readonly name: string;
  readonly timeZone: string;
  readonly path: readonly PathAccount[];
  /** Patterns of the models that may be asked for with keys below it; empty for all. */
  readonly allowedModels: readonly string[];
  readonly createTime: Date;
}

/** Prefix of a node's id, by kind. */
export const ID_PREFIX: Readonly<Record<AccountKind, string>> = {
  organisation: "org",
  department: "dep",
  team: "team",
  user: "user",
  service_account: "sa",
  key: "key",
};

const PARENTS: Readonly<Record<AccountKind, readonly NodeKind[]>> = {
  organisation: [],
  department: ["organisation", "department"],
  team: ["organisation", "department"],
  user: ["organisation", "department", "team"],
  service_account: ["organisation", "department", "team"],
  key: ["organisation", "department", "team", "user", "service_account"],
};

/** Accounts on a path, the key included (account.proto). */
const MAX_PATH = 8;

/**
 * Extends the parent's path by a new account.
 *
 * Errors: INVALID_ARGUMENT for a parent of a kind that cannot hold it, or for a tree that is too deep; the last place
 * is kept for a key, so that no node is made that could never be used.
 */
export function pathUnder(parent: TreeNode, child: PathAccount): PathAccount[] {
  requireParentKind(parent.kind, child.kind);
  const most = child.kind === "key" ? MAX_PATH : MAX_PATH - 1;
  if (parent.path.length >= most) {
    throw invalid(
      "parent_id",
      `the tree would be deeper than ${MAX_PATH} accounts`,
      "Use a parent nearer to the organisation.",
    );
  }
  return [child, ...parent.path];
}

function requireParentKind(parent: NodeKind, child: AccountKind): void {
  const allowed = PARENTS[child];
  if (allowed.includes(parent)) return;
  throw invalid(
    "parent_id",
    `a ${spoken(child)} cannot stand under a ${spoken(parent)}`,
    `Its parent must be one of: ${allowed.map(spoken).join(", ")}.`,
  );
}

function spoken(kind: AccountKind): string {
  return kind.replace("_", " ");
}
