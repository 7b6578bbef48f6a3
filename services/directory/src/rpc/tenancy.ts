/** What a caller may see: its own organisation, or for root and peers all. The rest is said not to exist. */
import type { Principal } from "@alfred/rpc";

import type { ApiKey } from "../domain/key.ts";
import type { Finder } from "../domain/ports.ts";
import { notFound } from "../domain/refusal.ts";
import type { TreeNode } from "../domain/tree.ts";

/** The node of this id. Errors: NOT_FOUND, also where it is another tenant's. */
export async function visibleNode(finder: Finder, principal: Principal, id: string): Promise<TreeNode> {
  const node = await finder.findNode(id);
  if (node === undefined || !reaches(principal, node.organisationId)) throw notFound("node", id);
  return node;
}

/** The key of this id. Errors: NOT_FOUND, also where it is another tenant's, or root's own. */
export async function visibleKey(finder: Finder, principal: Principal, id: string): Promise<ApiKey> {
  const key = await finder.findKey(id);
  if (key === undefined || key.role === "root" || !reaches(principal, key.organisationId)) throw notFound("key", id);
  return key;
}

/** The node that something new is to hang under: the one named, else the organisation. Errors: NOT_FOUND. */
export async function parentOf(finder: Finder, organisationId: string, parentId: string): Promise<TreeNode> {
  const id = parentId === "" ? organisationId : parentId;
  const node = await finder.findNode(id);
  if (node?.organisationId !== organisationId) throw notFound(parentId === "" ? "organisation" : "node", id);
  return node;
}

function reaches(principal: Principal, organisationId: string): boolean {
  return principal.tenant === undefined || principal.tenant === organisationId;
}
