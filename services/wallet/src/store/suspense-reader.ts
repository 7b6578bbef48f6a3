import type { Sql } from "@alfred/postgres";
import type { SuspendedLeases, SuspensePage, SuspenseQuery } from "../domain/suspense-page.ts";
import { instant } from "./bulk.ts";
import type { LeaseRow } from "./rows.ts";
import { toLease } from "./rows.ts";

const PAGE = `SELECT * FROM wallet.leases
  WHERE state = 'suspense' AND ($1::text IS NULL OR organisation_id = $1) AND (create_time, id) > ($2, $3)
  ORDER BY create_time, id LIMIT $4`;

/** Reads the leases and reservations in suspense; the moment of their grant and their id are the key of a page. */
export class SuspenseReader implements SuspendedLeases {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async list({ organisationId, size, after }: SuspenseQuery): Promise<SuspensePage> {
    const from = after === undefined ? ["-infinity", ""] : [instant(after.createTimeMs), after.leaseId];
    // One more than asked for tells whether more follow.
    const { rows } = await this.#sql.query<LeaseRow>(PAGE, [organisationId ?? null, ...from, size + 1]);
    const leases = rows.slice(0, size).map(toLease);
    const last = leases.at(-1);
    const next = rows.length > size && last !== undefined ? { createTimeMs: last.createTimeMs, leaseId: last.id } : undefined;
    return { leases, next };
  }
}
