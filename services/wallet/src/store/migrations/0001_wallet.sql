-- The wallet's books. Every write happens under the lock of its organisation's row in wallet.organisations.

CREATE TABLE wallet.organisations (
  id text PRIMARY KEY,
  -- The number of its latest transfer; transfers are numbered from 1 without a gap.
  last_transfer bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

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
  hard bigint NOT NULL CHECK (hard >= 0),
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
  account_id text NOT NULL,
  path text[] NOT NULL,
  request_id text NOT NULL,
  -- Who may settle and refund it besides root and the peers: the scope of the request that it was granted to.
  granted_to text NOT NULL,
  state text NOT NULL CHECK (state IN ('open', 'suspense', 'closed')),
  credit jsonb NOT NULL,
  settled jsonb NOT NULL,
  refunded jsonb NOT NULL,
  overrun jsonb NOT NULL,
  -- Where the windows of its grant begin: it settles into them.
  day_start timestamptz NOT NULL,
  week_start timestamptz NOT NULL,
  month_start timestamptz NOT NULL,
  create_time timestamptz NOT NULL,
  expire_time timestamptz NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX leases_expiring ON wallet.leases (expire_time) WHERE state = 'open';

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
