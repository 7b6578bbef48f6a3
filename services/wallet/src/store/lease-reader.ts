import type { Sql } from "@alfred/postgres";
import type { Amount } from "../domain/amount.ts";
import type { Lease } from "../domain/lease.ts";

/** Reads leases without a lock. */
export class LeaseReader {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async expired(nowMs: number, most: number): Promise<ReadonlyArray<Pick<Lease, "id" | "organisationId">>> {
    const { rows } = await this.#sql.query<{ id: string; organisation_id: string }>(
      "SELECT id, organisation_id FROM wallet.leases WHERE state = 'open' AND expire_time <= $1 ORDER BY expire_time LIMIT $2",
      [new Date(nowMs), most],
    );
    return rows.map((row) => ({ id: row.id, organisationId: row.organisation_id }));
  }

  async held(): Promise<readonly Amount[]> {
    const { rows } = await this.#sql.query<{ unit: Amount["unit"]; held: string }>(
      `SELECT b.unit, SUM(b.held) AS held FROM wallet.organisations o
       JOIN wallet.balances b ON b.account_id = o.id AND b.period = 'none' GROUP BY b.unit`,
    );
    return rows.map(({ unit, held }) => ({ unit, value: BigInt(held) }));
  }
}
