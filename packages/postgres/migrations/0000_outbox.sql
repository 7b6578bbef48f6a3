-- The outbox: what happened, written in the transaction in which it happened and published from here afterwards.

-- The last number given to an event, per organisation. Its row lock puts the organisation's writers in order, so that
-- numbers have no gap and become visible in their order; reading a plain sequence would skip late commits.
CREATE TABLE outbox_counters (
  organisation_id text PRIMARY KEY,
  last_seq bigint NOT NULL
);

CREATE TABLE outbox (
  position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_id text NOT NULL UNIQUE,
  organisation_id text NOT NULL,
  source text NOT NULL,
  source_seq bigint NOT NULL,
  type text NOT NULL,
  occurred_at timestamptz NOT NULL,
  bytes bytea NOT NULL,
  published_at timestamptz,
  UNIQUE (organisation_id, source_seq)
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);

CREATE INDEX outbox_unpublished ON outbox (position) WHERE published_at IS NULL;
CREATE INDEX outbox_published ON outbox (published_at) WHERE published_at IS NOT NULL;
