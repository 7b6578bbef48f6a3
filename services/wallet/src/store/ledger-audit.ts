import { fail } from "@alfred/errors";
import type { Database, Sql } from "@alfred/postgres";
import type { LedgerFault, LedgerReport, LedgerVerifier } from "../domain/ledger-fault.ts";
import { LEDGER_CHECKS } from "./ledger-checks.ts";

const MAX_FAULTS = 1_000;
const ORGANISATIONS_AT_ONCE = 500;

interface FaultRow {
  readonly account_id: string;
  readonly lease_id: string;
  readonly message: string;
}

interface CountsRow {
  readonly accounts: bigint;
  readonly leases: bigint;
  readonly transfers: bigint;
}

const ORGANISATIONS = "SELECT id FROM wallet.organisations WHERE id > $1 ORDER BY id LIMIT $2";

const COUNTS = `SELECT (SELECT COUNT(*) FROM wallet.accounts WHERE path @> ARRAY[$1]) AS accounts,
  (SELECT COUNT(*) FROM wallet.leases WHERE organisation_id = $1) AS leases,
  (SELECT COUNT(*) FROM wallet.transfers WHERE organisation_id = $1) AS transfers`;

/** What was found so far. */
class RunningReport implements LedgerReport {
  readonly faults: LedgerFault[] = [];
  accounts = 0n;
  leases = 0n;
  transfers = 0n;

  /** How many more faults are taken. */
  get room(): number {
    return MAX_FAULTS - this.faults.length;
  }

  count({ accounts, leases, transfers }: CountsRow): void {
    this.accounts += accounts;
    this.leases += leases;
    this.transfers += transfers;
  }
}

/**
 * Checks the books as they are stored, while they are written to. Each organisation is seen at one moment, in a
 * transaction of its own that only reads: no invariant reaches across organisations, and one snapshot of a whole
 * installation would keep the database from tidying up for as long as the check takes.
 */
export class LedgerAudit implements LedgerVerifier {
  readonly #database: Database;
  readonly #pageSize: number;

  constructor(database: Database, pageSize = ORGANISATIONS_AT_ONCE) {
    this.#database = database;
    this.#pageSize = pageSize;
  }

  async verify(organisationId: string | undefined, signal: AbortSignal): Promise<LedgerReport> {
    const report = new RunningReport();
    for await (const id of organisationId === undefined ? this.#organisations() : [organisationId]) {
      if (report.room === 0) break;
      await this.#database.transact((sql) => check(sql, id, report, signal), { isolation: "repeatable read", readOnly: true });
    }
    return report;
  }

  async *#organisations(): AsyncGenerator<string> {
    for (let last = "", more = true; more; ) {
      const { rows } = await this.#database.query<{ id: string }>(ORGANISATIONS, [last, this.#pageSize]);
      for (const { id } of rows) yield id;
      last = rows.at(-1)?.id ?? last;
      more = rows.length === this.#pageSize;
    }
  }
}

async function check(sql: Sql, organisationId: string, report: RunningReport, signal: AbortSignal): Promise<void> {
  const { rows } = await sql.query<CountsRow>(COUNTS, [organisationId]);
  for (const counts of rows) report.count(counts);
  for (const { invariant, sql: question } of LEDGER_CHECKS) {
    if (report.room === 0) return;
    if (signal.aborted) throw fail("CANCELLED", "The check was called off.");
    const found = await sql.query<FaultRow>(question, [organisationId, report.room]);
    report.faults.push(...found.rows.map(({ account_id: accountId, lease_id: leaseId, message }) => ({ invariant, organisationId, accountId, leaseId, message })));
  }
}
