import type { GetAccountRequest, GetAccountResponse } from "@alfred/contracts";
import { fail } from "@alfred/errors";
import type { CallContext } from "@alfred/rpc";
import type { Accounts } from "../domain/ports.ts";
import { findAccount } from "./find-account.ts";
import { accountToWire } from "./mappers.ts";

/** Tells where an account stands. */
export async function handleGetAccount(
  accounts: Accounts,
  request: GetAccountRequest,
  context: CallContext,
): Promise<GetAccountResponse> {
  const { id } = await findAccount(accounts, request.accountId, context);
  const state = (await accounts.read([id])).get(id);
  if (state === undefined) throw fail("INTERNAL", `The account ${id} went away.`);
  return { account: accountToWire(state) };
}
