import type { ListDeploymentsRequest, ListDeploymentsResponse } from "@alfred/contracts";

import type { Directory } from "../domain/ports.ts";
import { pageSize, readPageToken, toPage } from "../domain/page.ts";
import { writeDeployment } from "./config-mappers.ts";

/** Lists deployments by id. */
export async function listDeployments(
  directory: Directory,
  request: ListDeploymentsRequest,
): Promise<ListDeploymentsResponse> {
  const size = pageSize(request.pageSize);
  const rows = await directory.reader.listDeployments(readPageToken(request.pageToken).id, size + 1);
  const page = toPage(rows, size, ({ id }) => ({ timeMs: 0, id }));
  return { deployments: page.rows.map(writeDeployment), nextPageToken: page.nextPageToken };
}
