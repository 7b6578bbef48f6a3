import type { DatabasePool } from "@alfred/postgres";

/**
 * What does not add up in the database, one row each; empty where all is well. Written in SQL and from the tables
 * alone, so that it shares nothing with the code that wrote them.
 */
export async function ledgerFaults(pool: DatabasePool): Promise<readonly unknown[]> {
  const results = await Promise.all(CHECKS.map((check) => pool.query(check)));
  return results.flatMap(({ rows }) => rows as unknown[]);
}

/** The windows of each lease, one row per period. */
const LEASE_WINDOWS = `leases l CROSS JOIN LATERAL (VALUES
  ('day', l.day_start), ('week', l.week_start), ('month', l.month_start), ('none', 'epoch'::timestamptz)) AS w(period, start)`;

/** Each balance beside the sums of the entries of its account and all below it. */
const ROLL_UPS = `WITH sums AS (
    SELECT a.account_id, w.period, w.start AS period_start, e.unit,
      SUM(e.value) FILTER (WHERE e.bucket = 'posted') AS posted,
      SUM(e.value) FILTER (WHERE e.bucket = 'held') AS held,
      SUM(e.value) FILTER (WHERE e.bucket = 'suspense') AS suspense
    FROM ${LEASE_WINDOWS}
    JOIN transfers t ON t.lease_id = l.id
    JOIN entries e ON e.organisation_id = t.organisation_id AND e.number = t.number
      AND e.account_id = l.account_id AND e.bucket <> 'available'
    CROSS JOIN LATERAL unnest(l.path) AS a(account_id)
    GROUP BY 1, 2, 3, 4)
  SELECT 'roll-up' AS fault, b.*, s.* FROM balances b FULL JOIN sums s USING (account_id, period, period_start, unit)
  WHERE (COALESCE(b.posted, 0), COALESCE(b.held, 0), COALESCE(b.suspense, 0))
     <> (COALESCE(s.posted, 0), COALESCE(s.held, 0), COALESCE(s.suspense, 0))`;

/** Each balance beside what its leases hold. */
const HOLDS = `WITH sums AS (
    SELECT a.account_id, w.period, w.start AS period_start, c.unit,
      SUM(c.value::numeric) FILTER (WHERE l.state = 'open') AS held,
      SUM(c.value::numeric) FILTER (WHERE l.state = 'suspense') AS suspense
    FROM ${LEASE_WINDOWS}
    CROSS JOIN LATERAL unnest(l.path) AS a(account_id)
    CROSS JOIN LATERAL jsonb_each_text(l.credit) AS c(unit, value)
    GROUP BY 1, 2, 3, 4)
  SELECT 'hold' AS fault, b.*, s.* FROM balances b FULL JOIN sums s USING (account_id, period, period_start, unit)
  WHERE (COALESCE(b.held, 0), COALESCE(b.suspense, 0)) <> (COALESCE(s.held, 0), COALESCE(s.suspense, 0))`;

const CHECKS = [
  `SELECT 'unbalanced' AS fault, organisation_id, number, unit FROM entries GROUP BY 2, 3, 4 HAVING SUM(value) <> 0`,
  `SELECT 'settled twice' AS fault, lease_id FROM transfers WHERE kind = 'settle' GROUP BY lease_id HAVING COUNT(*) > 1`,
  `SELECT 'gap' AS fault, organisation_id FROM transfers GROUP BY 2 HAVING MAX(number) <> COUNT(*)`,
  `SELECT 'gap in the outbox' AS fault, organisation_id FROM outbox GROUP BY 2 HAVING MAX(source_seq) <> COUNT(*)`,
  ROLL_UPS,
  HOLDS,
];
