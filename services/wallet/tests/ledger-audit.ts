import { Database } from "@alfred/postgres";
import type { DatabasePool } from "@alfred/postgres";
import type { LedgerFault } from "../src/domain/ledger-fault.ts";
import { LedgerAudit } from "../src/store/ledger-audit.ts";

/** What does not add up in the books of all organisations, as VerifyLedger finds it; empty where all is well. */
export async function ledgerFaults(pool: DatabasePool): Promise<readonly LedgerFault[]> {
  const { faults } = await new LedgerAudit(new Database(pool)).verify(undefined, new AbortController().signal);
  return faults;
}
