import type { ClientBase, Pool } from "pg";
import { Draft } from "../domain/draft.ts";
import type { WalletEvent } from "../domain/event.ts";
import type { Job } from "../domain/job.ts";
import type { Needs } from "../domain/operation.ts";
import type { Calendar } from "../domain/window.ts";
import { loadBooks } from "./load-books.ts";
import type { LockedOrganisations } from "./transfer-numbers.ts";
import { lackingRows, lockOrganisations, numberTransfers } from "./transfer-numbers.ts";
import { writeBooks } from "./write-books.ts";

/** Appends events to the outbox within the transaction of the change that they tell of. */
export type AppendEvents = (client: ClientBase, events: readonly WalletEvent[]) => Promise<void>;

export interface LedgerParts {
  readonly pool: Pool;
  readonly now: () => number;
  readonly calendar: Calendar;
  readonly appendEvents: AppendEvents;
}

/** What a commit did, for those who watch. */
export interface Commit {
  /** The accounts whose balance or limits changed. */
  readonly touched: ReadonlySet<string>;
}

/** The books in Postgres. All operations of a batch commit in one transaction or none does. */
export class Ledger {
  readonly #parts: LedgerParts;

  constructor(parts: LedgerParts) {
    this.#parts = parts;
  }

  /** Locks, loads, runs every job in order, writes and commits. Throws the driver's error, and then nothing moved. */
  async commit(jobs: readonly Job[]): Promise<Commit> {
    const needs = jobs.map((job) => job.needs);
    const client = await this.#parts.pool.connect();
    try {
      await client.query("BEGIN");
      const locked = await this.#lock(client, needs);
      const draft = await this.#run(client, jobs, locked);
      await client.query("COMMIT");
      client.release();
      return { touched: touchedBy(draft) };
    } catch (error) {
      await abandon(client);
      throw error;
    }
  }

  /** An organisation not seen before gets its row outside the transaction, so that inserting never waits under a lock. */
  async #lock(client: ClientBase, needs: readonly Needs[]): Promise<LockedOrganisations> {
    const locked = await lockOrganisations(client, needs);
    const lacking = lackingRows(needs, locked);
    if (lacking.length === 0) return locked;
    await client.query("ROLLBACK");
    await client.query(
      "INSERT INTO wallet.organisations (id) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING",
      [lacking],
    );
    await client.query("BEGIN");
    return await lockOrganisations(client, needs);
  }

  async #run(client: ClientBase, jobs: readonly Job[], locked: LockedOrganisations): Promise<Draft> {
    const { now, calendar, appendEvents } = this.#parts;
    // Read under the locks, so that of two processes the later commit never has the earlier moment.
    const nowMs = now();
    const needs = jobs.map((job) => job.needs);
    const draft = new Draft(await loadBooks(client, needs, calendar, nowMs));
    for (const job of jobs) job.run(draft, nowMs);
    const transfers = await numberTransfers(client, draft.transfers, locked);
    await writeBooks(client, draft, nowMs, transfers);
    if (draft.events.length > 0) await appendEvents(client, draft.events);
    return draft;
  }
}

async function abandon(client: ClientBase & { release(destroy?: boolean): void }): Promise<void> {
  const broken = await client.query("ROLLBACK").then(() => false, () => true);
  client.release(broken);
}

function touchedBy(draft: Draft): Set<string> {
  const touched = new Set(draft.accounts.keys());
  for (const { accountId } of draft.balances.values()) touched.add(accountId);
  return touched;
}
