import type { Sql } from "@alfred/postgres";
import type { Account } from "../domain/account.ts";
import type { TransferPage } from "../domain/ports.ts";
import type { RecordNumbers } from "../domain/record-numbers.ts";
import type { Entry, Transfer } from "../domain/transfer.ts";
import type { StoredAmounts } from "./json.ts";
import { amountsFromJson } from "./json.ts";

interface TransferRow {
  readonly organisation_id: string;
  readonly number: bigint;
  readonly id: string;
  readonly kind: Transfer["kind"];
  readonly account_id: string;
  readonly lease_id: string;
  readonly request_id: string;
  readonly amounts: StoredAmounts;
  readonly records: RecordNumbers;
  readonly overrun: StoredAmounts;
  readonly reason: string;
  readonly create_time: Date;
}

interface EntryRow {
  readonly number: bigint;
  readonly account_id: string;
  readonly bucket: Entry["bucket"];
  readonly unit: Entry["unit"];
  readonly value: bigint;
}

const OF_ORGANISATION = `SELECT * FROM wallet.transfers WHERE organisation_id = $1 AND number < $2 ORDER BY number DESC LIMIT $3`;

/** Each account below gives at most one page, so that a busy one does not make the quiet ones slow to find. */
const OF_SUBTREE = `SELECT t.* FROM wallet.accounts a CROSS JOIN LATERAL (
    SELECT * FROM wallet.transfers WHERE account_id = a.id AND number < $2 ORDER BY number DESC LIMIT $3
  ) t WHERE a.path @> ARRAY[$1] ORDER BY t.number DESC LIMIT $3`;

const NO_BOUND = 2n ** 63n - 1n;

/** Reads the ledger, newest first; a transfer's number within its organisation is the key of a page. */
export class TransferReader {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async list(account: Account, page: { readonly size: number; readonly below: bigint | undefined }): Promise<TransferPage> {
    const sql = account.kind === "organisation" ? OF_ORGANISATION : OF_SUBTREE;
    const below = String(page.below ?? NO_BOUND);
    // One more than asked for tells whether more follow.
    const { rows } = await this.#sql.query<TransferRow>(sql, [account.id, below, page.size + 1]);
    const shown = rows.slice(0, page.size);
    const entries = await this.#entries(account.organisationId, shown);
    const transfers = shown.map((row) => toTransfer(row, entries.get(row.number) ?? []));
    const last = shown.at(-1);
    return { transfers, nextBelow: rows.length > page.size && last !== undefined ? last.number : undefined };
  }

  async #entries(organisationId: string, transfers: readonly TransferRow[]): Promise<ReadonlyMap<bigint, Entry[]>> {
    const { rows } = await this.#sql.query<EntryRow>(
      `SELECT number, account_id, bucket, unit, value FROM wallet.entries
       WHERE organisation_id = $1 AND number = ANY($2) ORDER BY number, position`,
      [organisationId, transfers.map(({ number }) => number)],
    );
    const byTransfer = Map.groupBy(rows, ({ number }) => number);
    return new Map([...byTransfer].map(([number, entries]) => [number, entries.map(toEntry)]));
  }
}

function toEntry({ account_id: accountId, bucket, unit, value }: EntryRow): Entry {
  return { accountId, bucket, unit, value };
}

function toTransfer(row: TransferRow, entries: readonly Entry[]): Transfer {
  return {
    id: row.id,
    organisationId: row.organisation_id,
    kind: row.kind,
    accountId: row.account_id,
    leaseId: row.lease_id,
    requestId: row.request_id,
    amounts: amountsFromJson(row.amounts),
    records: row.records,
    overrun: amountsFromJson(row.overrun),
    reason: row.reason,
    createTimeMs: row.create_time.getTime(),
    entries,
  };
}
