import type { ListTransfersRequest, ListTransfersResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";
import type { Transfers } from "../domain/ports.ts";
import { invalid } from "./field.ts";
import { findAccount } from "./find-account.ts";
import type { AccountSource } from "./find-account.ts";
import { transferToWire } from "./mappers.ts";

const DEFAULT_PAGE = 100;
const MAX_PAGE = 1_000;

/** Lists the transfers of an account and all below it, newest first. */
export async function handleListTransfers(
  parts: AccountSource & { readonly transfers: Transfers },
  request: ListTransfersRequest,
  context: CallContext,
): Promise<ListTransfersResponse> {
  const size = readPageSize(request.pageSize);
  const below = readPageToken(request.pageToken);
  const account = await findAccount(parts, request.accountId, context);
  const { transfers, nextBelow } = await parts.transfers.list(account, { size, below });
  return {
    transfers: transfers.map(transferToWire),
    nextPageToken: nextBelow === undefined ? "" : Buffer.from(String(nextBelow)).toString("base64url"),
  };
}

function readPageSize(size: number): number {
  if (size >= 0 && size <= MAX_PAGE) return size || DEFAULT_PAGE;
  throw invalid("page_size", `must be 1 to ${MAX_PAGE}, or 0 for ${DEFAULT_PAGE}.`);
}

function readPageToken(token: string): bigint | undefined {
  if (token === "") return undefined;
  const text = Buffer.from(token, "base64url").toString("latin1");
  if (/^\d{1,18}$/.test(text)) return BigInt(text);
  throw invalid("page_token", "must be the `next_page_token` of an earlier page.");
}
