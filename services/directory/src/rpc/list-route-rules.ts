import type { ListRouteRulesRequest, ListRouteRulesResponse } from "@alfred/contracts";

import type { Directory } from "../domain/ports.ts";
import { pageSize, readPageToken, toPage } from "../domain/page.ts";

/** Lists rules for routes by id. */
export async function listRouteRules(directory: Directory, request: ListRouteRulesRequest): Promise<ListRouteRulesResponse> {
  const size = pageSize(request.pageSize);
  const rows = await directory.reader.listRouteRules(readPageToken(request.pageToken).id, size + 1);
  const page = toPage(rows, size, ({ id }) => ({ timeMs: 0, id }));
  return { rules: [...page.rows], nextPageToken: page.nextPageToken };
}
