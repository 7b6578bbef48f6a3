/**
 * One question to the tables of one organisation, $1, answered with at most $2 rows `account_id, lease_id, message`:
 * what does not add up. Written from the tables alone, so that it shares nothing with the code that wrote them.
 */
export interface LedgerCheck {
  /** The invariant of docs/leases.md, or "numbering". */
  readonly invariant: string;
  readonly sql: string;
}

/** How a message names a window: by the moment it begins, in UTC. */
const WINDOW = `CASE period WHEN 'none' THEN 'of all time' ELSE period || ' from ' || to_char(period_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') END`;

/** The four windows of rows that carry where a lease's windows begin. */
const windowsOf = (rows: string): string => `CROSS JOIN LATERAL (VALUES ('day', ${rows}.day_start), ('week', ${rows}.week_start),
    ('month', ${rows}.month_start), ('none', 'epoch'::timestamptz)) AS w(period, period_start)`;

/** The balances of the organisation's accounts. */
const BALANCES = `found AS (SELECT b.* FROM wallet.accounts a JOIN wallet.balances b ON b.account_id = a.id WHERE a.path @> ARRAY[$1])`;

/** The entries of the organisation, each with its transfer's lease; those to the providers and to nothing left out. */
const ENTRIES = `wallet.entries e JOIN wallet.transfers t USING (organisation_id, number)`;
const BOOKED = "e.organisation_id = $1 AND e.account_id <> 'provider_payable' AND e.bucket <> 'available'";

/** One unit of a lease's amounts, an object of unit to integer in text. */
const amount = (column: string): string => `COALESCE((l.${column} ->> unit)::numeric, 0)`;
/** The leases of the organisation, one row per unit that they have to do with. */
const LEASE_UNITS = `wallet.leases l CROSS JOIN LATERAL (
    SELECT DISTINCT jsonb_object_keys(part) FROM unnest(ARRAY[l.credit, l.cap, l.drawn, l.charged, l.refunded, l.overrun, l.advance]) AS p(part)
  ) AS u(unit)`;
/** What a lease that is not closed holds. */
const HELD = `GREATEST(${amount("cap")} - ${amount("drawn")}, 0)`;

const NEGATIVE_BALANCES = `WITH ${BALANCES}
  SELECT account_id, '' AS lease_id, format('%s %s: posted %s, held %s, suspense %s, overrun %s; none may be below 0',
    unit, ${WINDOW}, posted, held, suspense, overrun) AS message
  FROM found WHERE LEAST(posted, held, suspense, overrun) < 0 LIMIT $2`;

const NEGATIVE_LEASES = `SELECT l.account_id, l.id AS lease_id, format('%s: credit %s, cap %s, drawn %s, refunded %s, overrun %s, advance %s; none may be below 0',
    unit, l.credit, l.cap, l.drawn, l.refunded, l.overrun, l.advance) AS message
  FROM ${LEASE_UNITS} WHERE l.organisation_id = $1
    AND LEAST(${["credit", "cap", "drawn", "refunded", "overrun", "advance"].map(amount).join(", ")}) < 0 LIMIT $2`;

const UNBALANCED = `SELECT '' AS account_id, COALESCE(t.lease_id, '') AS lease_id, format('the entries of transfer %s sum to %s %s, not to 0', sums.number, total, unit) AS message
  FROM (SELECT number, unit, SUM(value) AS total FROM wallet.entries WHERE organisation_id = $1 GROUP BY 1, 2 HAVING SUM(value) <> 0 LIMIT $2) AS sums
  LEFT JOIN wallet.transfers t ON t.organisation_id = $1 AND t.number = sums.number`;

const ORPHANS = `SELECT e.account_id, COALESCE(t.lease_id, '') AS lease_id, format('entry %s of transfer %s has no %s', e.position, e.number,
    CASE WHEN t.number IS NULL THEN 'transfer' WHEN l.id IS NULL THEN 'lease' ELSE 'account' END) AS message
  FROM wallet.entries e LEFT JOIN wallet.transfers t USING (organisation_id, number)
  LEFT JOIN wallet.leases l ON l.id = t.lease_id LEFT JOIN wallet.accounts a ON a.id = e.account_id
  WHERE ${BOOKED} AND (t.number IS NULL OR l.id IS NULL OR a.id IS NULL) LIMIT $2`;

/**
 * Each balance beside the entries of its account and all below it, in the windows of their leases. Entries are added up
 * per account and window before they are carried up the tree, or each would be read four times per level.
 */
const ROLL_UPS = `WITH ${BALANCES}, own AS (
    SELECT e.account_id, e.unit, l.day_start, l.week_start, l.month_start,
      COALESCE(SUM(e.value) FILTER (WHERE e.bucket = 'posted'), 0) AS posted,
      COALESCE(SUM(e.value) FILTER (WHERE e.bucket = 'held'), 0) AS held,
      COALESCE(SUM(e.value) FILTER (WHERE e.bucket = 'suspense'), 0) AS suspense
    FROM ${ENTRIES} JOIN wallet.leases l ON l.id = t.lease_id WHERE ${BOOKED} GROUP BY 1, 2, 3, 4, 5),
  sums AS (
    SELECT p.account_id, w.period, w.period_start, own.unit, SUM(posted) AS posted, SUM(held) AS held, SUM(suspense) AS suspense
    FROM own JOIN wallet.accounts a ON a.id = own.account_id CROSS JOIN LATERAL unnest(a.path) AS p(account_id) ${windowsOf("own")}
    GROUP BY 1, 2, 3, 4)
  SELECT account_id, '' AS lease_id, format('%s %s: posted %s, held %s, suspense %s; the entries say %s, %s, %s', unit, ${WINDOW},
    COALESCE(f.posted, 0), COALESCE(f.held, 0), COALESCE(f.suspense, 0), COALESCE(s.posted, 0), COALESCE(s.held, 0), COALESCE(s.suspense, 0)) AS message
  FROM found f FULL JOIN sums s USING (account_id, period, period_start, unit)
  WHERE (COALESCE(f.posted, 0), COALESCE(f.held, 0), COALESCE(f.suspense, 0))
     <> (COALESCE(s.posted, 0), COALESCE(s.held, 0), COALESCE(s.suspense, 0)) LIMIT $2`;

const TREE = `SELECT a.id AS account_id, '' AS lease_id, format('its path is %s, that of its parent %s', array_to_string(a.path, ' < '),
    COALESCE(array_to_string(p.path, ' < '), 'unknown')) AS message
  FROM wallet.accounts a LEFT JOIN wallet.accounts p ON p.id = a.parent_id
  WHERE a.path @> ARRAY[$1] AND a.path IS DISTINCT FROM CASE WHEN a.parent_id = '' THEN ARRAY[a.id] ELSE a.id || p.path END LIMIT $2`;

const PARENTS = `WITH ${BALANCES},
  total AS (SELECT account_id, unit, posted FROM found WHERE period = 'none'),
  children AS (SELECT a.parent_id AS account_id, unit, SUM(posted) AS posted FROM total JOIN wallet.accounts a ON a.id = total.account_id
    WHERE a.parent_id <> '' GROUP BY 1, 2),
  own AS (SELECT e.account_id, e.unit, SUM(e.value) AS posted FROM wallet.entries e WHERE ${BOOKED} AND e.bucket = 'posted' GROUP BY 1, 2)
  SELECT account_id, '' AS lease_id, format('%s: posted %s of all time; its children %s and its own entries %s', unit,
    COALESCE(total.posted, 0), COALESCE(children.posted, 0), COALESCE(own.posted, 0)) AS message
  FROM total FULL JOIN children USING (account_id, unit) FULL JOIN own USING (account_id, unit)
  WHERE COALESCE(total.posted, 0) <> COALESCE(children.posted, 0) + COALESCE(own.posted, 0) LIMIT $2`;

/** A grant makes a transfer; their numbers are the order in which the organisation's grants were committed. */
const OLD_STARTS = `SELECT account_id, id AS lease_id, format('was granted to start %s of gateway %s after start %s had been granted a lease', incarnation, gateway_id, latest) AS message
  FROM (SELECT l.*, MAX(l.incarnation) OVER (PARTITION BY l.gateway_id ORDER BY t.number) AS latest
        FROM wallet.transfers t JOIN wallet.leases l ON l.id = t.lease_id
        WHERE t.organisation_id = $1 AND t.kind IN ('grant', 'reserve') AND l.gateway_id <> '') AS granted
  WHERE incarnation < latest LIMIT $2`;

const UNBORN_STARTS = `SELECT l.account_id, l.id AS lease_id, format('was granted to start %s of gateway %s, which is at %s', l.incarnation, l.gateway_id,
    COALESCE(g.incarnation::text, 'none')) AS message
  FROM wallet.transfers t JOIN wallet.leases l ON l.id = t.lease_id LEFT JOIN wallet.gateways g ON g.id = l.gateway_id
  WHERE t.organisation_id = $1 AND t.kind IN ('grant', 'reserve') AND l.gateway_id <> '' AND l.incarnation > COALESCE(g.incarnation, 0) LIMIT $2`;

/** Each balance beside what the leases on and below its account hold. */
const HOLDS = `WITH ${BALANCES}, sums AS (
    SELECT p.account_id, w.period, w.period_start, unit,
      COALESCE(SUM(${HELD}) FILTER (WHERE l.state = 'open'), 0) AS held, COALESCE(SUM(${HELD}) FILTER (WHERE l.state = 'suspense'), 0) AS suspense
    FROM ${LEASE_UNITS} CROSS JOIN LATERAL unnest(l.path) AS p(account_id) ${windowsOf("l")}
    WHERE l.organisation_id = $1 AND l.state <> 'closed' GROUP BY 1, 2, 3, 4)
  SELECT account_id, '' AS lease_id, format('%s %s: held %s, suspense %s; its leases hold %s, %s', unit, ${WINDOW},
    COALESCE(f.held, 0), COALESCE(f.suspense, 0), COALESCE(s.held, 0), COALESCE(s.suspense, 0)) AS message
  FROM found f FULL JOIN sums s USING (account_id, period, period_start, unit)
  WHERE (COALESCE(f.held, 0), COALESCE(f.suspense, 0)) <> (COALESCE(s.held, 0), COALESCE(s.suspense, 0)) LIMIT $2`;

/** Each lease beside its entries: what an open one holds is in held, what one in suspense holds in suspense, a closed one holds nothing. */
const LEASE_HOLDS = `WITH sums AS (
    SELECT t.lease_id, e.unit, COALESCE(SUM(e.value) FILTER (WHERE e.bucket = 'held'), 0) AS held,
      COALESCE(SUM(e.value) FILTER (WHERE e.bucket = 'suspense'), 0) AS suspense
    FROM ${ENTRIES} WHERE ${BOOKED} AND e.bucket <> 'posted' GROUP BY 1, 2),
  holds AS (
    SELECT l.id AS lease_id, l.account_id, l.state, unit, CASE l.state WHEN 'open' THEN ${HELD} ELSE 0 END AS held,
      CASE l.state WHEN 'suspense' THEN ${HELD} ELSE 0 END AS suspense
    FROM ${LEASE_UNITS} WHERE l.organisation_id = $1)
  SELECT COALESCE(h.account_id, '') AS account_id, lease_id, format('%s: %s, so held %s and suspense %s; its entries say %s and %s', unit,
    COALESCE(h.state, 'unknown'), COALESCE(h.held, 0), COALESCE(h.suspense, 0), COALESCE(s.held, 0), COALESCE(s.suspense, 0)) AS message
  FROM holds h FULL JOIN sums s USING (lease_id, unit)
  WHERE (COALESCE(h.held, 0), COALESCE(h.suspense, 0)) <> (COALESCE(s.held, 0), COALESCE(s.suspense, 0)) LIMIT $2`;

/** Each record is posted by one settlement: no number comes twice, and they are those that the lease has seen. */
const RECORDS = `WITH posted AS (
    SELECT t.lease_id, range_agg(int8range((r ->> 0)::int8, (r ->> 1)::int8, '[]')) AS numbers, SUM((r ->> 1)::int8 - (r ->> 0)::int8 + 1) AS total
    FROM wallet.transfers t CROSS JOIN LATERAL jsonb_array_elements(t.records) AS r
    WHERE t.organisation_id = $1 AND t.kind = 'settle' GROUP BY 1),
  seen AS (
    SELECT l.id AS lease_id, l.account_id, COALESCE((SELECT range_agg(int8range((r ->> 0)::int8, (r ->> 1)::int8, '[]'))
      FROM jsonb_array_elements(l.seen) AS r), '{}') AS numbers
    FROM wallet.leases l WHERE l.organisation_id = $1)
  SELECT COALESCE(account_id, '') AS account_id, lease_id, format('%s records in %s were posted; the lease has seen %s', COALESCE(total, 0),
    COALESCE(posted.numbers, '{}'), COALESCE(seen.numbers, '{}')) AS message
  FROM posted FULL JOIN seen USING (lease_id)
  WHERE COALESCE(posted.numbers, '{}') <> COALESCE(seen.numbers, '{}')
    OR COALESCE(total, 0) <> (SELECT COALESCE(SUM(upper(r) - lower(r)), 0) FROM unnest(posted.numbers) AS r) LIMIT $2`;

/** What a lease says that was posted and given back for it, beside its entries. */
const CHARGES = `WITH sums AS (
    SELECT t.lease_id, e.unit, COALESCE(SUM(e.value) FILTER (WHERE t.kind <> 'refund'), 0) AS charged,
      COALESCE(-SUM(e.value) FILTER (WHERE t.kind = 'refund'), 0) AS refunded
    FROM ${ENTRIES} WHERE ${BOOKED} AND e.bucket = 'posted' GROUP BY 1, 2),
  leases AS (SELECT l.id AS lease_id, l.account_id, unit, ${amount("charged")} AS charged, ${amount("refunded")} AS refunded
    FROM ${LEASE_UNITS} WHERE l.organisation_id = $1)
  SELECT COALESCE(account_id, '') AS account_id, lease_id, format('%s: charged %s and given back %s; its entries say %s and %s', unit,
    COALESCE(l.charged, 0), COALESCE(l.refunded, 0), COALESCE(s.charged, 0), COALESCE(s.refunded, 0)) AS message
  FROM leases l FULL JOIN sums s USING (lease_id, unit)
  WHERE (COALESCE(l.charged, 0), COALESCE(l.refunded, 0)) <> (COALESCE(s.charged, 0), COALESCE(s.refunded, 0)) LIMIT $2`;

/** The memos of the organisation's transfers, one row per unit. */
const MEMOS = "wallet.transfers t CROSS JOIN LATERAL jsonb_each_text(t.overrun) AS m(unit, value)";

/** Each balance beside the memos of its account and all below it, in the windows of their leases. */
const OVERRUNS = `WITH ${BALANCES}, own AS (
    SELECT t.account_id, m.unit, l.day_start, l.week_start, l.month_start, SUM(m.value::numeric) AS overrun
    FROM ${MEMOS} JOIN wallet.leases l ON l.id = t.lease_id WHERE t.organisation_id = $1 GROUP BY 1, 2, 3, 4, 5),
  sums AS (
    SELECT p.account_id, w.period, w.period_start, own.unit, SUM(overrun) AS overrun
    FROM own JOIN wallet.accounts a ON a.id = own.account_id CROSS JOIN LATERAL unnest(a.path) AS p(account_id) ${windowsOf("own")}
    GROUP BY 1, 2, 3, 4)
  SELECT account_id, '' AS lease_id, format('%s %s: overrun %s; the transfers say %s', unit, ${WINDOW}, COALESCE(f.overrun, 0), COALESCE(s.overrun, 0)) AS message
  FROM found f FULL JOIN sums s USING (account_id, period, period_start, unit)
  WHERE COALESCE(f.overrun, 0) <> COALESCE(s.overrun, 0) LIMIT $2`;

/**
 * Each lease beside the memos of its transfers; and where nothing was given back and no operator closed it, what was
 * charged is what came from its hold and what overran it.
 */
const LEASE_OVERRUNS = `WITH sums AS (
    SELECT t.lease_id, m.unit, SUM(m.value::numeric) AS overrun FROM ${MEMOS} WHERE t.organisation_id = $1 GROUP BY 1, 2),
  closed AS (SELECT DISTINCT lease_id FROM wallet.transfers WHERE organisation_id = $1 AND kind = 'close'),
  leases AS (
    SELECT l.id AS lease_id, l.account_id, unit, ${amount("overrun")} AS overrun, ${amount("charged")} AS charged, ${amount("drawn")} AS drawn,
      ${amount("refunded")} = 0 AND c.lease_id IS NULL AS is_plain
    FROM ${LEASE_UNITS} LEFT JOIN closed c ON c.lease_id = l.id WHERE l.organisation_id = $1)
  SELECT COALESCE(account_id, '') AS account_id, lease_id, format('%s: overrun %s; its transfers say %s, and of %s charged %s came from its hold', unit,
    COALESCE(l.overrun, 0), COALESCE(s.overrun, 0), COALESCE(l.charged, 0), COALESCE(l.drawn, 0)) AS message
  FROM leases l FULL JOIN sums s USING (lease_id, unit)
  WHERE COALESCE(l.overrun, 0) <> COALESCE(s.overrun, 0) OR (l.is_plain AND l.overrun <> l.charged - l.drawn) LIMIT $2`;

const TRANSFER_NUMBERS = `SELECT '' AS account_id, '' AS lease_id, format('%s transfers, numbered %s to %s; the last number given is %s', COUNT(t.number),
    COALESCE(MIN(t.number), 0), COALESCE(MAX(t.number), 0), COALESCE(MAX(o.last_transfer), 0)) AS message
  FROM (SELECT $1::text AS id) AS asked LEFT JOIN wallet.organisations o ON o.id = asked.id LEFT JOIN wallet.transfers t ON t.organisation_id = asked.id
  HAVING COUNT(t.number) <> COALESCE(MAX(t.number), 0) OR COALESCE(MIN(t.number), 1) <> 1 OR COALESCE(MAX(t.number), 0) <> COALESCE(MAX(o.last_transfer), 0) LIMIT $2`;

/**
 * Events are deleted an hour after they were published, oldest first: one that is missing right after one that waits or
 * was published in the last half hour was never there.
 */
const EVENT_NUMBERS = `SELECT '' AS account_id, '' AS lease_id, format('event %s of the outbox is followed by %s', source_seq, COALESCE(next::text, 'none, though ' || last_seq || ' was given')) AS message
  FROM (SELECT o.source_seq, o.published_at, c.last_seq, LEAD(o.source_seq) OVER (ORDER BY o.source_seq) AS next
        FROM wallet.outbox o LEFT JOIN wallet.outbox_counters c USING (organisation_id) WHERE o.organisation_id = $1) AS events
  WHERE COALESCE(published_at, now()) > now() - interval '30 minutes'
    AND CASE WHEN next IS NULL THEN source_seq IS DISTINCT FROM last_seq ELSE next <> source_seq + 1 END LIMIT $2`;

/** Every check of one organisation's books. */
export const LEDGER_CHECKS: readonly LedgerCheck[] = [
  { invariant: "I2", sql: NEGATIVE_BALANCES },
  { invariant: "I2", sql: NEGATIVE_LEASES },
  { invariant: "I3", sql: UNBALANCED },
  { invariant: "I4", sql: ORPHANS },
  { invariant: "I4", sql: ROLL_UPS },
  { invariant: "I5", sql: TREE },
  { invariant: "I5", sql: PARENTS },
  { invariant: "I6", sql: RECORDS },
  { invariant: "I6", sql: CHARGES },
  { invariant: "I8", sql: OLD_STARTS },
  { invariant: "I8", sql: UNBORN_STARTS },
  { invariant: "I9", sql: HOLDS },
  { invariant: "I9", sql: LEASE_HOLDS },
  { invariant: "I13", sql: OVERRUNS },
  { invariant: "I13", sql: LEASE_OVERRUNS },
  { invariant: "numbering", sql: TRANSFER_NUMBERS },
  { invariant: "numbering", sql: EVENT_NUMBERS },
];
