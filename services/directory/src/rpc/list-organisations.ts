import type { ListOrganisationsRequest, ListOrganisationsResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";

import type { DirectoryContext } from "../context.ts";
import { pageSize, readPageToken, toPage } from "../domain/page.ts";
import { listOrganisations as list } from "../store/nodes.ts";
import { ageCursor } from "./age-cursor.ts";
import { writeOrganisation } from "./mappers.ts";

/** Lists organisations, oldest first: for root and peers all, for others their own. */
export async function listOrganisations(
  directory: DirectoryContext,
  request: ListOrganisationsRequest,
  call: CallContext,
): Promise<ListOrganisationsResponse> {
  const size = pageSize(request.pageSize);
  const rows = await list(directory.sql, call.principal.tenant, readPageToken(request.pageToken), size + 1);
  const page = toPage(rows, size, ageCursor);
  return { organisations: page.rows.map(writeOrganisation), nextPageToken: page.nextPageToken };
}
