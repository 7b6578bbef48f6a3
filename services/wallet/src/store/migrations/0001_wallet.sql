-- The wallet's books. Every write happens under the lock of its organisation's row in wallet.organisations, and what a
-- gateway does also under its row in wallet.gateways. Gateways are locked before organisations, each in the order of ids.

CREATE TABLE wallet.organisations (
  id text PRIMARY KEY,
  -- The number of its latest transfer; transfers are numbered from 1 without a gap.
  last_transfer bigint NOT NULL DEFAULT 0,
  -- Rises with every account that gets its first hard limit for a unit, or loses its last.
  limits_revision bigint NOT NULL DEFAULT 0,
  -- When a limit was last changed: what the wallet's other processes look for.
  limits_change_time timestamptz NOT NULL DEFAULT 'epoch'
) WITH (fillfactor = 50);
CREATE INDEX organisations_limits ON wallet.organisations (limits_change_time);

-- Who may spend leases: a gateway's name lives in its journal, and each of its starts gets the next incarnation.
CREATE TABLE wallet.gateways (
  id text PRIMARY KEY,
  -- 0 for one that never said hello.
  incarnation bigint NOT NULL DEFAULT 0,
  start_id text NOT NULL DEFAULT ''
);

CREATE TABLE wallet.accounts (
  id text PRIMARY KEY,
  organisation_id text NOT NULL,
  parent_id text NOT NULL,
  kind text NOT NULL,
  -- Itself first, the organisation last.
  path text[] NOT NULL,
  -- An IANA name, on the organisation only.
  time_zone text NOT NULL,
  create_time timestamptz NOT NULL
);
CREATE INDEX accounts_path ON wallet.accounts USING gin (path);

CREATE TABLE wallet.limits (
  account_id text NOT NULL,
  unit text NOT NULL,
  period text NOT NULL,
  hard bigint CHECK (hard >= 0),
  soft bigint CHECK (soft >= 0),
  clamp boolean NOT NULL,
  CHECK (hard IS NOT NULL OR soft IS NOT NULL),
  PRIMARY KEY (account_id, unit, period)
);

-- What an account and all below it used, for every period whether limited or not, so that a limit set later counts
-- what was used before it. Roll-ups of an organisation can pass 64 bits, hence numeric.
CREATE TABLE wallet.balances (
  account_id text NOT NULL,
  period text NOT NULL,
  period_start timestamptz NOT NULL,
  unit text NOT NULL,
  posted numeric(30) NOT NULL CHECK (posted >= 0),
  held numeric(30) NOT NULL CHECK (held >= 0),
  suspense numeric(30) NOT NULL CHECK (suspense >= 0),
  overrun numeric(30) NOT NULL CHECK (overrun >= 0),
  PRIMARY KEY (account_id, period, period_start, unit)
) WITH (fillfactor = 50);

-- Rights to spend; a reservation is a lease for one record. Amounts are objects of unit to integer in text.
CREATE TABLE wallet.leases (
  id text PRIMARY KEY,
  organisation_id text NOT NULL,
  -- The account that it hangs on, the first of its path.
  account_id text NOT NULL,
  path text[] NOT NULL,
  -- The gateway that may spend it, and the start of it that it was granted to; '' and 0 where it is nobody's.
  gateway_id text NOT NULL,
  incarnation bigint NOT NULL,
  request_id text NOT NULL,
  -- Who may settle and refund it besides root and the peers: the scope of the request that it was granted to.
  granted_to text NOT NULL,
  is_reservation boolean NOT NULL,
  state text NOT NULL CHECK (state IN ('open', 'suspense', 'closed')),
  -- Whether the journal of its gateway was lost, so that only an operator can close it.
  is_lost boolean NOT NULL,
  -- Whether it was asked back.
  is_recalled boolean NOT NULL,
  credit jsonb NOT NULL,
  -- What its records can draw at most: the credit, or the least ceiling seen.
  cap jsonb NOT NULL,
  -- What its records drew from what it held.
  drawn jsonb NOT NULL,
  charged jsonb NOT NULL,
  refunded jsonb NOT NULL,
  overrun jsonb NOT NULL,
  -- Of an operator's stated cost, what no record has come for.
  advance jsonb NOT NULL,
  -- The numbers of the records that were posted, as ranges [from, to] in order.
  seen jsonb NOT NULL,
  -- What was posted for the records that may still change, by number.
  records jsonb NOT NULL,
  final_count bigint,
  -- Where the windows of its grant begin: it settles into them.
  day_start timestamptz NOT NULL,
  week_start timestamptz NOT NULL,
  month_start timestamptz NOT NULL,
  create_time timestamptz NOT NULL,
  expire_time timestamptz NOT NULL,
  -- The expiry in steps of ten seconds since the epoch. Indexed in its place, so that the settlements which put it off
  -- a little at a time do not each touch every index.
  expire_slot bigint NOT NULL
) WITH (fillfactor = 50);
CREATE INDEX leases_expiring ON wallet.leases (expire_slot) WHERE state = 'open';
CREATE INDEX leases_suspense ON wallet.leases (organisation_id, create_time, id) WHERE state = 'suspense';
CREATE INDEX leases_gateway ON wallet.leases (gateway_id, incarnation) WHERE state <> 'closed' AND gateway_id <> '';
CREATE INDEX leases_recalled ON wallet.leases (gateway_id) WHERE state = 'open' AND is_recalled AND gateway_id <> '';
CREATE INDEX leases_recallable ON wallet.leases USING gin (path) WHERE state = 'open' AND gateway_id <> '' AND NOT is_recalled;

-- What each request was answered with, a denial included.
CREATE TABLE wallet.answers (
  scope text NOT NULL,
  rpc text NOT NULL,
  request_id text NOT NULL,
  fingerprint text NOT NULL,
  answer text NOT NULL,
  create_time timestamptz NOT NULL,
  PRIMARY KEY (scope, rpc, request_id)
);

CREATE TABLE wallet.transfers (
  organisation_id text NOT NULL,
  number bigint NOT NULL,
  id text NOT NULL,
  kind text NOT NULL,
  account_id text NOT NULL,
  lease_id text NOT NULL,
  request_id text NOT NULL,
  -- The numbers of the records that it posts or replaces, as ranges.
  records jsonb NOT NULL,
  -- A memo, no entry: by how much the overrun changed.
  overrun jsonb NOT NULL,
  amounts jsonb NOT NULL,
  reason text NOT NULL,
  create_time timestamptz NOT NULL,
  PRIMARY KEY (organisation_id, number)
);
CREATE INDEX transfers_account ON wallet.transfers (account_id, number);

CREATE TABLE wallet.entries (
  organisation_id text NOT NULL,
  number bigint NOT NULL,
  position integer NOT NULL,
  account_id text NOT NULL,
  bucket text NOT NULL,
  unit text NOT NULL,
  value bigint NOT NULL,
  PRIMARY KEY (organisation_id, number, position)
);

CREATE FUNCTION wallet.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the ledger is append-only: % on % is refused', TG_OP, TG_TABLE_NAME;
END;
$$;

CREATE TRIGGER transfers_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON wallet.transfers
  FOR EACH STATEMENT EXECUTE FUNCTION wallet.refuse_change();
CREATE TRIGGER entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON wallet.entries
  FOR EACH STATEMENT EXECUTE FUNCTION wallet.refuse_change();
