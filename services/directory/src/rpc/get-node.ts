import type { GetNodeRequest, GetNodeResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";

import type { DirectoryContext } from "../context.ts";
import { objectId } from "../domain/field.ts";
import { writeNode } from "./mappers.ts";
import { visibleNode } from "./tenancy.ts";

/** Tells of one node. */
export async function getNode(directory: DirectoryContext, request: GetNodeRequest, call: CallContext): Promise<GetNodeResponse> {
  const node = await visibleNode(directory.sql, call.principal, objectId("node_id", request.nodeId));
  return { node: writeNode(node) };
}
