import { Role } from "@alfred/contracts";
import { fail } from "@alfred/errors";
import type { AlfredError } from "@alfred/errors";
import type { CallContext, Principal } from "@alfred/rpc";
import type { Account } from "../domain/account.ts";
import type { AccountArrivals, Accounts } from "../domain/ports.ts";
import { invalid, readAccountId } from "./field.ts";

/** How long to wait for an account that the directory has just made and whose news is on its way here. */
const FEED_DELAY_MS = 500;

/** Where an account is looked for, and who tells that it came up. */
export interface AccountSource {
  readonly accounts: Accounts;
  readonly arrivals: AccountArrivals;
}

/**
 * The account that a caller names, "self" being the one of the calling key. One that the caller may not see is
 * NOT_FOUND, as is one that does not come up within half a second.
 */
export async function findAccount(source: AccountSource, requested: string, context: CallContext): Promise<Account> {
  const id = accountIdOf(requested, context.principal);
  // Known without asking: a user's key sees its own path, whatever else exists.
  if (!mayName(context.principal, id)) throw unknown(id);
  const account = await awaitAccount(source, id, context.signal);
  if (account === undefined || !maySee(context.principal, account)) throw unknown(id);
  return account;
}

function accountIdOf(requested: string, { keyId }: Principal): string {
  if (requested !== "self") return readAccountId("account_id", requested);
  if (keyId === undefined) throw invalid("account_id", 'cannot be "self": this caller has no account.');
  return keyId;
}

function mayName({ role, key }: Principal, id: string): boolean {
  return role !== Role.ROLE_USER || (key?.path?.accounts.some((account) => account.id === id) ?? false);
}

function maySee({ tenant }: Principal, { organisationId }: Account): boolean {
  return tenant === undefined || tenant === organisationId;
}

async function awaitAccount({ accounts, arrivals }: AccountSource, id: string, signal: AbortSignal): Promise<Account | undefined> {
  using arrival = arrivals.expect(id);
  const account = await accounts.find(id);
  if (account !== undefined) return account;
  await arrival.within(FEED_DELAY_MS, signal);
  return await accounts.find(id);
}

function unknown(id: string): AlfredError {
  return fail("NOT_FOUND", `There is no account ${id}.`, { metadata: { account: id } });
}
