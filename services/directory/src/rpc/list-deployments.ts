import type { ListDeploymentsRequest, ListDeploymentsResponse } from "@alfred/contracts";

import type { DirectoryContext } from "../context.ts";
import { pageSize, readPageToken, toPage } from "../domain/page.ts";
import { listDeployments as list } from "../store/deployments.ts";
import { writeDeployment } from "./mappers.ts";

/** Lists deployments by id. */
export async function listDeployments(directory: DirectoryContext, request: ListDeploymentsRequest): Promise<ListDeploymentsResponse> {
  const size = pageSize(request.pageSize);
  const rows = await list(directory.sql, readPageToken(request.pageToken).id, size + 1);
  const page = toPage(rows, size, ({ id }) => ({ timeMs: 0, id }));
  return { deployments: page.rows.map(writeDeployment), nextPageToken: page.nextPageToken };
}
