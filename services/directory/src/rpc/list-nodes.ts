import type { ListNodesRequest, ListNodesResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";

import type { Directory } from "../domain/ports.ts";
import { pageSize, readPageToken, toPage } from "../domain/page.ts";
import { ageCursor } from "./age-cursor.ts";
import { readNodeKind, writeNode } from "./mappers.ts";
import { parentOf } from "./tenancy.ts";

/** Lists the nodes of an organisation, oldest first. Errors: NOT_FOUND for the organisation or the parent. */
export async function listNodes(
  directory: Directory,
  request: ListNodesRequest,
  call: CallContext,
): Promise<ListNodesResponse> {
  const organisationId = call.principal.organisation(request.organisationId);
  const size = pageSize(request.pageSize);
  const after = readPageToken(request.pageToken);
  const kind = readNodeKind(request.kind);
  await parentOf(directory.reader, organisationId, request.parentId);
  const rows = await directory.reader.listNodes(
    { organisationId, parentId: request.parentId || undefined, kind },
    after,
    size + 1,
  );
  const page = toPage(rows, size, ageCursor);
  return { nodes: page.rows.map(writeNode), nextPageToken: page.nextPageToken };
}
