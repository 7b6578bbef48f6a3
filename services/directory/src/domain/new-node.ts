/** Making organisations, nodes and keys: pure, so that ids and times come from outside. */
import type { ApiKey, Secret } from "./key.ts";
import { pathUnder } from "./tree.ts";
import type { Limit, NodeKind, Organisation, TreeNode } from "./tree.ts";

/** What a caller says of a new node. */
export interface NodeTerms {
  readonly id: string;
  readonly kind: Exclude<NodeKind, "organisation">;
  readonly name: string;
  readonly limits: readonly Limit[];
  readonly allowedModels: readonly string[];
}

/** What a caller says of a new organisation's node. */
export type OrganisationTerms = Pick<NodeTerms, "limits" | "allowedModels">;

/** What a caller says of a new key. */
export interface KeyTerms {
  readonly id: string;
  readonly name: string;
  readonly role: "user" | "admin";
  readonly limits: readonly Limit[];
  readonly allowedModels: readonly string[];
  readonly requestsPerMinute: number | undefined;
  readonly expireTime: Date | undefined;
}

/** The node that an organisation is. */
export function organisationNode(organisation: Organisation, { limits, allowedModels }: OrganisationTerms): TreeNode {
  const { id, name, timeZone, createTime } = organisation;
  return {
    id,
    organisationId: id,
    parentId: "",
    kind: "organisation",
    name,
    timeZone,
    createTime,
    path: [{ id, kind: "organisation", limits }],
    allowedModels,
  };
}

/** A node under `parent`. Errors: INVALID_ARGUMENT where it cannot stand there. */
export function nodeUnder(parent: TreeNode, terms: NodeTerms, createTime: Date): TreeNode {
  const { id, kind, name, limits, allowedModels } = terms;
  const path = pathUnder(parent, { id, kind, limits });
  return {
    id,
    organisationId: parent.organisationId,
    parentId: parent.id,
    kind,
    name,
    timeZone: parent.timeZone,
    path,
    allowedModels,
    createTime,
  };
}

/** A key under `parent`. Errors: INVALID_ARGUMENT where it cannot stand there. */
export function keyUnder(parent: TreeNode, terms: KeyTerms, secret: Secret, createTime: Date): ApiKey {
  const { limits, ...rest } = terms;
  return {
    ...rest,
    organisationId: parent.organisationId,
    parentId: parent.id,
    prefix: secret.prefix,
    secretSha256: secret.sha256,
    timeZone: parent.timeZone,
    path: pathUnder(parent, { id: terms.id, kind: "key", limits }),
    revokeTime: undefined,
    createTime,
  };
}

/** The key of the installation: it stands in no tree and holds no wallet. */
export function rootKey(id: string, secret: Secret, createTime: Date): ApiKey {
  return {
    id,
    organisationId: "",
    parentId: "",
    name: "root",
    role: "root",
    prefix: secret.prefix,
    secretSha256: secret.sha256,
    timeZone: "UTC",
    path: [],
    allowedModels: [],
    requestsPerMinute: undefined,
    expireTime: undefined,
    revokeTime: undefined,
    createTime,
  };
}
