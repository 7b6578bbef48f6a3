import type { VerifyLedgerRequest, VerifyLedgerResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";
import type { LedgerVerifier } from "../domain/ledger-fault.ts";
import { readScope } from "./scope.ts";

/** Checks the invariants of the ledger on the live books; an admin its own organisation's, root all. */
export async function handleVerifyLedger(
  ledger: LedgerVerifier,
  request: VerifyLedgerRequest,
  { principal, signal }: CallContext,
): Promise<VerifyLedgerResponse> {
  const { faults, accounts, leases, transfers } = await ledger.verify(readScope(principal, request.organisationId), signal);
  return { faults: [...faults], accounts, leases, transfers };
}
