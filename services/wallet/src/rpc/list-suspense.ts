import type { ListSuspenseRequest, ListSuspenseResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";
import type { Accounts } from "../domain/ports.ts";
import type { SuspendedLeases, SuspenseCursor } from "../domain/suspense-page.ts";
import { invalid } from "./field.ts";
import { leaseToWire } from "./mappers.ts";
import { readScope } from "./scope.ts";

const DEFAULT_PAGE = 100;
const MAX_PAGE = 1_000;

/** Lists the leases and reservations in suspense, the oldest first; an admin's own organisation's, root's of all. */
export async function handleListSuspense(
  { suspense, accounts }: { readonly suspense: SuspendedLeases; readonly accounts: Pick<Accounts, "find"> },
  request: ListSuspenseRequest,
  { principal }: CallContext,
): Promise<ListSuspenseResponse> {
  const size = readPageSize(request.pageSize);
  const after = readPageToken(request.pageToken);
  const organisationId = await readScope(accounts, principal, request.organisationId);
  const page = await suspense.list({ organisationId, size, after });
  return { leases: page.leases.map(leaseToWire), nextPageToken: page.next === undefined ? "" : writePageToken(page.next) };
}

function readPageSize(size: number): number {
  if (size >= 0 && size <= MAX_PAGE) return size || DEFAULT_PAGE;
  throw invalid("page_size", `must be 1 to ${MAX_PAGE}, or 0 for ${DEFAULT_PAGE}.`);
}

function writePageToken({ createTimeMs, leaseId }: SuspenseCursor): string {
  return Buffer.from(`${createTimeMs}/${leaseId}`).toString("base64url");
}

function readPageToken(token: string): SuspenseCursor | undefined {
  if (token === "") return undefined;
  const [, time, leaseId] = /^(\d{1,15})\/([\x21-\x7e]{1,64})$/.exec(Buffer.from(token, "base64url").toString("latin1")) ?? [];
  if (time !== undefined && leaseId !== undefined) return { createTimeMs: Number(time), leaseId };
  throw invalid("page_token", "must be the `next_page_token` of an earlier page.");
}
