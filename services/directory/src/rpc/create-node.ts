/** What the four RPCs that make nodes share: they differ in kind only. */
import type { Limit, Node } from "@alfred/contracts";
import { newId } from "@alfred/ids";
import type { CallContext } from "@alfred/rpc";

import type { Directory } from "../domain/ports.ts";
import { allowedModels, name } from "../domain/field.ts";
import { nodeUnder } from "../domain/new-node.ts";
import type { NodeTerms } from "../domain/new-node.ts";
import { ID_PREFIX } from "../domain/tree.ts";
import { readLimits, writeNode } from "./mappers.ts";
import { mutate } from "./mutate.ts";
import type { MutatingRpc } from "./mutate.ts";
import { parentOf } from "./tenancy.ts";

/** What every request for a node says. */
export interface CreateNodeRequest {
  readonly requestId: string;
  readonly organisationId: string;
  readonly parentId: string;
  readonly name: string;
  readonly limits: readonly Limit[];
  readonly allowedModels: readonly string[];
}

/** The kind to make, and the RPC that asks. */
export interface NodeRpc<Request> {
  readonly kind: NodeTerms["kind"];
  readonly rpc: MutatingRpc<Request, { node: Node | undefined }>;
}

/** Makes a node. Errors: NOT_FOUND for the parent, INVALID_ARGUMENT. */
export function createNode<Request extends CreateNodeRequest>(
  directory: Directory,
  { kind, rpc }: NodeRpc<Request>,
  request: Request,
  call: CallContext,
): Promise<{ node: Node | undefined }> {
  const organisationId = call.principal.organisation(request.organisationId);
  const terms = {
    kind,
    name: name(request.name),
    limits: readLimits(request.limits),
    allowedModels: allowedModels(request.allowedModels),
  };
  return mutate(directory, rpc, request, call, async (transaction) => {
    const parent = await parentOf(transaction, organisationId, request.parentId);
    const node = nodeUnder(parent, { id: newId(ID_PREFIX[kind]), ...terms }, transaction.now);
    await transaction.addNode(node);
    return { node: writeNode(node) };
  });
}
