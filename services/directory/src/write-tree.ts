/** Writes to the tree, each with its change and its event. */
import { allowedModelsChanged, keyCreated, keyRevoked, nodeCreated, organisationCreated } from "./events.ts";
import type { ApiKey, Origin } from "./domain/key.ts";
import { organisationNode } from "./domain/new-node.ts";
import type { OrganisationTerms } from "./domain/new-node.ts";
import type { Organisation, TreeNode } from "./domain/tree.ts";
import { noteChange } from "./store/changes.ts";
import { insertKey, setKeyModels, setRevoked } from "./store/keys.ts";
import type { StoreTransaction } from "./store/mutations.ts";
import { insertNode, insertOrganisation, setNodeModels } from "./store/nodes.ts";

/** Adds an organisation and its node; returns the node. */
export async function addOrganisation(
  transaction: StoreTransaction,
  organisation: Organisation,
  terms: OrganisationTerms,
): Promise<TreeNode> {
  const node = organisationNode(organisation, terms);
  await insertOrganisation(transaction.sql, organisation);
  await insertNode(transaction.sql, node);
  await noteChange(transaction.sql, "node", node.id);
  await organisationCreated(transaction, organisation);
  return node;
}

/** Adds a node under a parent that exists. */
export async function addNode(transaction: StoreTransaction, node: TreeNode): Promise<void> {
  await insertNode(transaction.sql, node);
  await noteChange(transaction.sql, "node", node.id);
  await nodeCreated(transaction, node);
}

/** Replaces the models of a node; the same ones again change nothing. Returns the node as it is then. */
export async function changeNodeModels(
  transaction: StoreTransaction,
  node: TreeNode,
  allowedModels: readonly string[],
): Promise<TreeNode> {
  if (isSame(node.allowedModels, allowedModels)) return node;
  await setNodeModels(transaction.sql, node.id, allowedModels);
  await noteChange(transaction.sql, "node", node.id);
  await allowedModelsChanged(transaction, node, allowedModels);
  return { ...node, allowedModels };
}

/** Adds a key. */
export async function addKey(transaction: StoreTransaction, key: ApiKey, origin: Origin): Promise<void> {
  await insertKey(transaction.sql, key, origin);
  await noteChange(transaction.sql, "key", key.id);
  await keyCreated(transaction, key);
}

/** Replaces the models of a key; the same ones again change nothing. Returns the key as it is then. */
export async function changeKeyModels(
  transaction: StoreTransaction,
  key: ApiKey,
  allowedModels: readonly string[],
): Promise<ApiKey> {
  if (isSame(key.allowedModels, allowedModels)) return key;
  await setKeyModels(transaction.sql, key.id, allowedModels);
  await noteChange(transaction.sql, "key", key.id);
  await allowedModelsChanged(transaction, { ...key, kind: "key" }, allowedModels);
  return { ...key, allowedModels };
}

/** Revokes a key; one that is revoked already stays as it is. Returns the key as it is then. */
export async function revokeKey(transaction: StoreTransaction, key: ApiKey, by: Origin): Promise<ApiKey> {
  if (key.revokeTime !== undefined) return key;
  const revoked = { ...key, revokeTime: transaction.now };
  await setRevoked(transaction.sql, key.id, revoked.revokeTime, by);
  await noteChange(transaction.sql, "key", key.id);
  await keyRevoked(transaction, revoked);
  return revoked;
}

/** Lets a key work again that only the environment had revoked. */
export async function restoreKey(transaction: StoreTransaction, key: ApiKey): Promise<void> {
  await setRevoked(transaction.sql, key.id, undefined, "environment");
  await noteChange(transaction.sql, "key", key.id);
  await keyCreated(transaction, { ...key, revokeTime: undefined });
}

/** Whether a list would stay as it is; another order counts as a change, since it is what was said. */
function isSame(before: readonly string[], after: readonly string[]): boolean {
  return before.length === after.length && before.every((pattern, index) => pattern === after[index]);
}
