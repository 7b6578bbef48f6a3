import type { VerifyLedgerRequest, VerifyLedgerResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";
import type { LedgerVerifier } from "../domain/ledger-fault.ts";
import type { Accounts } from "../domain/ports.ts";
import { readScope } from "./scope.ts";

/** Checks the invariants of the ledger on the live books; an admin its own organisation's, root all. */
export async function handleVerifyLedger(
  { audit, accounts }: { readonly audit: LedgerVerifier; readonly accounts: Pick<Accounts, "find"> },
  request: VerifyLedgerRequest,
  { principal, signal }: CallContext,
): Promise<VerifyLedgerResponse> {
  const organisationId = await readScope(accounts, principal, request.organisationId);
  const checked = await audit.verify(organisationId, signal);
  return { ...checked, faults: [...checked.faults] };
}
