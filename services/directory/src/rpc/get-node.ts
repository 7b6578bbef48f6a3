import type { GetNodeRequest, GetNodeResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";

import type { Directory } from "../domain/ports.ts";
import { objectId } from "../domain/field.ts";
import { writeNode } from "./mappers.ts";
import { visibleNode } from "./tenancy.ts";

/** Tells of one node. */
export async function getNode(
  directory: Directory,
  request: GetNodeRequest,
  call: CallContext,
): Promise<GetNodeResponse> {
  const node = await visibleNode(directory.reader, call.principal, objectId("node_id", request.nodeId));
  return { node: writeNode(node) };
}
