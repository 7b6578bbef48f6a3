import type { Sql } from "@alfred/postgres";
import type { Lease } from "../domain/lease.ts";
import { expirySlot } from "./expiry-slot.ts";
import type { LeaseRow } from "./rows.ts";
import { toLease } from "./rows.ts";

/** Reads leases without a lock. */
export class LeaseReader {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** The lease or reservation, or undefined where there is none. */
  async find(id: string): Promise<Lease | undefined> {
    const { rows } = await this.#sql.query<LeaseRow>("SELECT * FROM wallet.leases WHERE id = $1", [id]);
    return rows.map(toLease)[0];
  }

  async expired(nowMs: number, most: number): Promise<ReadonlyArray<Pick<Lease, "id" | "organisationId">>> {
    const { rows } = await this.#sql.query<{ id: string; organisation_id: string }>(
      "SELECT id, organisation_id FROM wallet.leases WHERE state = 'open' AND expire_slot <= $1 AND expire_time <= $2 ORDER BY expire_time LIMIT $3",
      [expirySlot(nowMs), new Date(nowMs), most],
    );
    return rows.map((row) => ({ id: row.id, organisationId: row.organisation_id }));
  }
}
