-- What audit owns: one chain of events per organisation. Rows are only ever added; checkpoints outside this database tell when not.

CREATE TABLE chains (
  organisation_id text PRIMARY KEY,
  sequence bigint NOT NULL,
  hash bytea NOT NULL CHECK (length(hash) = 32)
);

CREATE TABLE events (
  organisation_id text NOT NULL REFERENCES chains (organisation_id),
  sequence bigint NOT NULL CHECK (sequence > 0),
  -- For recognising what comes twice; what an event says is read from its bytes alone.
  event_id text NOT NULL UNIQUE,
  previous_hash bytea NOT NULL,
  hash bytea NOT NULL,
  event_bytes bytea NOT NULL,
  chain_time timestamptz NOT NULL,
  PRIMARY KEY (organisation_id, sequence)
);

-- Messages that are no events, kept for a person to look at.
CREATE TABLE rejected_messages (
  message_sha256 bytea PRIMARY KEY,
  envelope text NOT NULL,
  reason text NOT NULL,
  bytes bytea NOT NULL,
  receive_time timestamptz NOT NULL
);
