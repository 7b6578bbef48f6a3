-- What metering owns: one row per attempt at a provider, and the number of the price book.

-- The last sequence given to each organisation's records. A writer holds the row until it commits, so that a sequence
-- becomes visible only after all lower ones of its organisation.
CREATE TABLE usage_heads (
  organisation_id text PRIMARY KEY,
  sequence bigint NOT NULL
);

-- Texts compare by their bytes: faster, and the order of pages does not depend on the server's locale.
-- Texts compare by their bytes: faster, and the order of pages does not depend on the locale of the server.
CREATE TABLE usage_records (
  record_id text COLLATE "C" PRIMARY KEY,
  organisation_id text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  request_id text COLLATE "C" NOT NULL,
  path text[] NOT NULL,
  key_id text COLLATE "C" NOT NULL,
  user_id text COLLATE "C" NOT NULL,
  team_id text COLLATE "C" NOT NULL,
  provider text COLLATE "C" NOT NULL,
  model text COLLATE "C" NOT NULL,
  estimated boolean NOT NULL,
  cost_nanos bigint NOT NULL CHECK (cost_nanos >= 0),
  start_time timestamptz NOT NULL,
  tags jsonb NOT NULL,
  meters text[] NOT NULL,
  quantities bigint[] NOT NULL CHECK (cardinality(quantities) = cardinality(meters)),
  -- The record as it was serialised once: what the event's hash is over, and what watches send.
  record bytea NOT NULL
);
CREATE UNIQUE INDEX usage_records_by_sequence ON usage_records (organisation_id, sequence);
CREATE INDEX usage_records_by_time ON usage_records (organisation_id, start_time);
CREATE INDEX usage_records_by_key ON usage_records (organisation_id, key_id, start_time);

-- The price book that was served last; its revision rises whenever another content is served.
CREATE TABLE price_book (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  revision bigint NOT NULL,
  sha256 bytea NOT NULL CHECK (length(sha256) = 32)
);
