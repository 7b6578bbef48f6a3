import { failpoint } from "@alfred/lifecycle";
import { transaction } from "@alfred/postgres";
import type { Sql } from "@alfred/postgres";
import type { Logger } from "@alfred/telemetry";
import type { Pool } from "pg";
import { Draft } from "../domain/draft.ts";
import type { WalletEvent } from "../domain/event.ts";
import type { Job } from "../domain/job.ts";
import type { Needs } from "../domain/operation.ts";
import type { Transfer } from "../domain/transfer.ts";
import type { Calendar } from "../domain/window.ts";
import { runTogether } from "./bulk.ts";
import type { Standby } from "./failover.ts";
import { noteFailover, readStandby } from "./failover.ts";
import type { LockedGateways } from "./gateways.ts";
import { insertGateways, lackingGateways, lockGateways, organisationsOfGateways } from "./gateways.ts";
import { loadBooks } from "./load-books.ts";
import type { LockedOrganisations } from "./organisations.ts";
import { countStatements, insertOrganisations, lackingRows, lockOrganisations, numberTransfers, organisationsOf } from "./organisations.ts";
import type { RecalledLease } from "./recall-leases.ts";
import { recallLeases } from "./recall-leases.ts";
import { bookStatements } from "./write-books.ts";

/** Appends events to the outbox within the transaction of the change that they tell of. */
type AppendEvents = (sql: Sql, events: readonly WalletEvent[]) => Promise<void>;

export interface LedgerParts {
  readonly pool: Pool;
  readonly now: () => number;
  readonly calendar: Calendar;
  readonly appendEvents: AppendEvents;
  /** How long what was granted before a failover may still be spent and settled, in milliseconds. */
  readonly failoverPauseMs: number;
  readonly log: Logger;
}

/** What a commit did, for those who watch and wait. */
export interface Commit {
  /** The accounts that are there and were asked for by name, or whose balance or limits changed. */
  readonly touched: ReadonlySet<string>;
  /** The accounts that have more left than before. */
  readonly freed: ReadonlySet<string>;
  /** The leases that were asked back. */
  readonly recalled: readonly RecalledLease[];
  /** The organisations whose limits changed so that gateways are to hear of it, with their revision. */
  readonly limitsRevised: ReadonlyMap<string, bigint>;
  readonly transfers: readonly Transfer[];
  /** How many soft limits were passed. */
  readonly softLimitsPassed: number;
}

/** Rows that have to be there before they can be locked. */
interface Lacking {
  /** Set where the books moved to another server, which is to be noted first. */
  readonly moved?: Standby;
  readonly lackingGateways: readonly string[];
  readonly lackingOrganisations: readonly string[];
}

interface Locked {
  readonly grantsFromMs: number;
  readonly gateways: LockedGateways;
  readonly organisations: LockedOrganisations;
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
      if (outcome.moved !== undefined) await this.#noteFailover(outcome.moved);
      // Outside the transaction, so that nobody ever waits for a row to be inserted while holding a lock.
      await insertGateways(pool, outcome.lackingGateways);
      await insertOrganisations(pool, outcome.lackingOrganisations);
    }
  }

  /** Gateways are locked before organisations, in every process. */
  async #attempt(sql: Sql, jobs: readonly Job[], needs: readonly Needs[]): Promise<Commit | Lacking> {
    const standby = await readStandby(sql, needs);
    if (standby.actual !== standby.known) return { moved: standby, lackingGateways: [], lackingOrganisations: [] };
    const gateways = await lockGateways(sql, needs);
    const withoutRow = lackingGateways(needs, gateways);
    if (withoutRow.length > 0) return { lackingGateways: withoutRow, lackingOrganisations: [] };
    const ids = [...organisationsOf(needs), ...(await organisationsOfGateways(sql, needs))];
    const organisations = await lockOrganisations(sql, ids);
    const lacking = lackingRows(needs, organisations);
    if (lacking.length > 0) return { lackingGateways: [], lackingOrganisations: lacking };
    return this.#run(sql, jobs, needs, { gateways, organisations, grantsFromMs: standby.grantsFromMs });
  }

  async #noteFailover(standby: Standby): Promise<void> {
    const { pool, now, failoverPauseMs, log } = this.#parts;
    const { known, actual } = standby;
    if (known !== "") log.warn({ known, actual }, "the database was replaced: nothing is granted until earlier grants are over");
    await noteFailover(pool, standby, now() + failoverPauseMs);
  }

  async #run(sql: Sql, jobs: readonly Job[], needs: readonly Needs[], locked: Locked): Promise<Commit> {
    const { now, calendar, appendEvents } = this.#parts;
    // Read under the locks, so that of two processes the later commit does not have the earlier moment.
    const nowMs = now();
    const draft = new Draft(await loadBooks(sql, { needs, ...locked, calendar, nowMs }));
    for (const job of jobs) job.run(draft, nowMs);
    const transfers = numberTransfers(draft.transfers, locked.organisations);
    const counts = countStatements(draft, nowMs, transfers, locked.organisations);
    await runTogether(sql, [...bookStatements(draft, nowMs, transfers), ...counts]);
    const recalled = await recallLeases(sql, draft);
    if (draft.events.length > 0) await appendEvents(sql, draft.events);
    failpoint("wallet-before-commit");
    return { ...commitOf(draft), touched: touchedBy(draft, needs), recalled };
  }
}

function commitOf(draft: Draft): Omit<Commit, "touched" | "recalled"> {
  const { limitsRevised, transfers, events } = draft;
  const softLimitsPassed = events.filter(({ payload }) => payload.type === "soft_limit_passed").length;
  return { freed: draft.freed(), limitsRevised, transfers, softLimitsPassed };
}

function touchedBy(draft: Draft, needs: readonly Needs[]): Set<string> {
  // Those asked for too: what another process opened first is there all the same, and someone here may wait for it.
  const touched = new Set(needs.flatMap(({ accountIds }) => accountIds).filter((id) => draft.account(id) !== undefined));
  for (const id of draft.accounts.keys()) touched.add(id);
  for (const { accountId } of draft.balances.values()) touched.add(accountId);
  return touched;
}
