import type { GetAccountRequest, GetAccountResponse } from "@alfred/contracts";
import { fail } from "@alfred/errors";
import type { CallContext } from "@alfred/rpc";
import { findAccount } from "./find-account.ts";
import type { AccountSource } from "./find-account.ts";
import { accountToWire } from "./mappers.ts";

/** Tells where an account stands. */
export async function handleGetAccount(
  source: AccountSource,
  request: GetAccountRequest,
  context: CallContext,
): Promise<GetAccountResponse> {
  const { id } = await findAccount(source, request.accountId, context);
  const state = (await source.accounts.read([id])).get(id);
  if (state === undefined) throw fail("INTERNAL", `The account ${id} went away.`);
  return { account: accountToWire(state) };
}
