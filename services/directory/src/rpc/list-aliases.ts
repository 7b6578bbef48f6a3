import type { ListAliasesRequest, ListAliasesResponse } from "@alfred/contracts";

import type { Directory } from "../domain/ports.ts";
import { pageSize, readPageToken, toPage } from "../domain/page.ts";
import { writeAlias } from "./config-mappers.ts";

/** Lists aliases by name. */
export async function listAliases(directory: Directory, request: ListAliasesRequest): Promise<ListAliasesResponse> {
  const size = pageSize(request.pageSize);
  const rows = await directory.reader.listAliases(readPageToken(request.pageToken).id, size + 1);
  const page = toPage(rows, size, ({ alias }) => ({ timeMs: 0, id: alias }));
  return { aliases: page.rows.map(writeAlias), nextPageToken: page.nextPageToken };
}
