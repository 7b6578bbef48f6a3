import type { ListOrganisationsRequest, ListOrganisationsResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";

import type { Directory } from "../domain/ports.ts";
import { pageSize, readPageToken, toPage } from "../domain/page.ts";
import { ageCursor } from "./age-cursor.ts";
import { writeOrganisation } from "./mappers.ts";

/** Lists organisations, oldest first: for root and peers all, for others their own. */
export async function listOrganisations(
  directory: Directory,
  request: ListOrganisationsRequest,
  call: CallContext,
): Promise<ListOrganisationsResponse> {
  const size = pageSize(request.pageSize);
  const rows = await directory.reader.listOrganisations(
    call.principal.tenant,
    readPageToken(request.pageToken),
    size + 1,
  );
  const page = toPage(rows, size, ageCursor);
  return { organisations: page.rows.map(writeOrganisation), nextPageToken: page.nextPageToken };
}
