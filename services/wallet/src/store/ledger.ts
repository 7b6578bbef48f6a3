import { failpoint } from "@alfred/lifecycle";
import { transaction } from "@alfred/postgres";
import type { Sql } from "@alfred/postgres";
import type { Pool } from "pg";
import { Draft } from "../domain/draft.ts";
import type { WalletEvent } from "../domain/event.ts";
import type { Job } from "../domain/job.ts";
import type { Needs } from "../domain/operation.ts";
import type { Calendar } from "../domain/window.ts";
import { runTogether } from "./bulk.ts";
import { loadBooks } from "./load-books.ts";
import type { LockedOrganisations } from "./organisations.ts";
import { countStatements, insertOrganisations, lackingRows, lockOrganisations, numberTransfers } from "./organisations.ts";
import { bookStatements } from "./write-books.ts";

/** Appends events to the outbox within the transaction of the change that they tell of. */
type AppendEvents = (sql: Sql, events: readonly WalletEvent[]) => Promise<void>;

export interface LedgerParts {
  readonly pool: Pool;
  readonly now: () => number;
  readonly calendar: Calendar;
  readonly appendEvents: AppendEvents;
}

/** What a commit did, for those who watch. */
export interface Commit {
  /** The accounts that are there and were asked for by name, or whose balance or limits changed. */
  readonly touched: ReadonlySet<string>;
}

/** The books in Postgres. All operations of a batch commit in one transaction, or none does. */
export class Ledger {
  readonly #parts: LedgerParts;

  constructor(parts: LedgerParts) {
    this.#parts = parts;
  }

  /** Locks, loads, runs every job in order, writes and commits. Throws the driver's error, and then nothing moved: whether to try again is the executor's to say. */
  async commit(jobs: readonly Job[]): Promise<Commit> {
    const needs = jobs.map((job) => job.needs);
    const { pool } = this.#parts;
    for (;;) {
      const outcome = await transaction(pool, (sql) => this.#attempt(sql, jobs, needs), { retries: 0 });
      if ("touched" in outcome) {
        failpoint("wallet-committed");
        return outcome;
      }
      // Outside the transaction, so that nobody ever waits for a row to be inserted while holding a lock.
      await insertOrganisations(pool, outcome.lacking);
    }
  }

  async #attempt(sql: Sql, jobs: readonly Job[], needs: readonly Needs[]): Promise<Commit | { readonly lacking: readonly string[] }> {
    const locked = await lockOrganisations(sql, needs);
    const lacking = lackingRows(needs, locked);
    return lacking.length > 0 ? { lacking } : await this.#run(sql, jobs, needs, locked);
  }

  async #run(sql: Sql, jobs: readonly Job[], needs: readonly Needs[], locked: LockedOrganisations): Promise<Commit> {
    const { now, calendar, appendEvents } = this.#parts;
    // Read under the locks, so that of two processes the later commit does not have the earlier moment.
    const nowMs = now();
    const draft = new Draft(await loadBooks(sql, needs, calendar, nowMs));
    for (const job of jobs) job.run(draft, nowMs);
    const transfers = numberTransfers(draft.transfers, locked);
    await runTogether(sql, [...bookStatements(draft, nowMs, transfers), ...countStatements(transfers)]);
    if (draft.events.length > 0) await appendEvents(sql, draft.events);
    failpoint("wallet-before-commit");
    return { touched: touchedBy(draft, needs) };
  }
}

function touchedBy(draft: Draft, needs: readonly Needs[]): Set<string> {
  // Those asked for too: what another process opened first is there all the same, and someone here may wait for it.
  const touched = new Set(needs.flatMap(({ accountIds }) => accountIds).filter((id) => draft.account(id) !== undefined));
  for (const id of draft.accounts.keys()) touched.add(id);
  for (const { accountId } of draft.balances.values()) touched.add(accountId);
  return touched;
}
