import type { Sql } from "@alfred/postgres";
import type { Amount } from "../domain/amount.ts";
import type { LeaseTotals } from "../domain/lease-totals.ts";

interface AmountsRow {
  readonly unit: Amount["unit"];
  readonly held: string;
  readonly suspense: string;
  readonly overrun: string;
}

interface CountsRow {
  readonly open: bigint;
  readonly in_suspense: bigint;
  readonly oldest: Date | null;
}

const AMOUNTS = `SELECT b.unit, SUM(b.held) AS held, SUM(b.suspense) AS suspense, SUM(b.overrun) AS overrun
  FROM wallet.organisations o JOIN wallet.balances b ON b.account_id = o.id AND b.period = 'none' GROUP BY b.unit`;

/** A reservation of no gateway may be open for days, as its caller wished, so that its age says nothing. */
const COUNTS = `SELECT COUNT(*) FILTER (WHERE state = 'open') AS open, COUNT(*) FILTER (WHERE state = 'suspense') AS in_suspense,
    MIN(create_time) FILTER (WHERE state = 'open' AND gateway_id <> '') AS oldest
  FROM (SELECT state, gateway_id, create_time FROM wallet.leases WHERE state = 'open'
        UNION ALL SELECT state, gateway_id, create_time FROM wallet.leases WHERE state = 'suspense') l`;

/** Sums up the books for the gauges, without a lock. */
export class TotalsReader {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async read(nowMs: number): Promise<LeaseTotals> {
    const [{ rows: amounts }, { rows: counts }] = await Promise.all([
      this.#sql.query<AmountsRow>(AMOUNTS),
      this.#sql.query<CountsRow>(COUNTS),
    ]);
    const part = (name: "held" | "suspense" | "overrun"): Amount[] => amounts.map((row) => ({ unit: row.unit, value: BigInt(row[name]) }));
    const [{ open, in_suspense: inSuspense, oldest } = { open: 0n, in_suspense: 0n, oldest: null }] = counts;
    return {
      held: part("held"),
      suspense: part("suspense"),
      overrun: part("overrun"),
      open: Number(open),
      inSuspense: Number(inSuspense),
      oldestOpenMs: oldest === null ? 0 : Math.max(0, nowMs - oldest.getTime()),
    };
  }
}
