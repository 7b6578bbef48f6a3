import type { ListKeysRequest, ListKeysResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";

import type { Directory } from "../domain/ports.ts";
import { pageSize, readPageToken, toPage } from "../domain/page.ts";
import { ageCursor } from "./age-cursor.ts";
import { writeKey } from "./mappers.ts";
import { parentOf } from "./tenancy.ts";

/**
 * Lists the keys of an organisation, oldest first, revoked ones included. Errors: NOT_FOUND for the organisation or the
 * parent.
 */
export async function listKeys(
  directory: Directory,
  request: ListKeysRequest,
  call: CallContext,
): Promise<ListKeysResponse> {
  const organisationId = call.principal.organisation(request.organisationId);
  const size = pageSize(request.pageSize);
  const after = readPageToken(request.pageToken);
  await parentOf(directory.reader, organisationId, request.parentId);
  const rows = await directory.reader.listKeys(
    { organisationId, parentId: request.parentId || undefined },
    after,
    size + 1,
  );
  const page = toPage(rows, size, ageCursor);
  return { keys: page.rows.map(writeKey), nextPageToken: page.nextPageToken };
}
