import type { ListProvidersRequest, ListProvidersResponse } from "@alfred/contracts";

import type { Directory } from "../domain/ports.ts";
import { pageSize, readPageToken, toPage } from "../domain/page.ts";
import { writeProvider } from "./config-mappers.ts";

/** Lists providers by id, without their secrets. */
export async function listProviders(
  directory: Directory,
  request: ListProvidersRequest,
): Promise<ListProvidersResponse> {
  const size = pageSize(request.pageSize);
  const rows = await directory.reader.listProviders(readPageToken(request.pageToken).id, size + 1);
  const page = toPage(rows, size, ({ provider }) => ({ timeMs: 0, id: provider.id }));
  return { providers: page.rows.map(({ provider }) => writeProvider(provider)), nextPageToken: page.nextPageToken };
}
