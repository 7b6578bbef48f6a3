-- What providers keep for organisations: who owns each file and batch, and who holds it; never what is in them.
CREATE TABLE kept_objects (
  id text PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('file', 'batch')),
  organisation_id text NOT NULL,
  -- The accounts that made it, as the contract's AccountPath is encoded.
  path bytea NOT NULL,
  -- No key of the table of providers: what was kept at one that is gone is still owned.
  provider_id text NOT NULL,
  upstream_id text NOT NULL,
  purpose text NOT NULL,
  filename text NOT NULL,
  bytes bigint NOT NULL CHECK (bytes >= 0),
  state text NOT NULL CHECK (octet_length(state) <= 262144),
  version bigint NOT NULL CHECK (version >= 1),
  due_time timestamptz,
  create_time timestamptz NOT NULL,
  -- The mutation that made it, and the last that changed it: they are answered again when they are repeated.
  request_id text NOT NULL,
  fingerprint bytea NOT NULL,
  last_request_id text NOT NULL,
  last_fingerprint bytea NOT NULL,
  UNIQUE (organisation_id, request_id)
);
CREATE INDEX kept_objects_by_age ON kept_objects (organisation_id, kind, create_time, id);
CREATE INDEX kept_objects_due ON kept_objects (kind, due_time) WHERE due_time IS NOT NULL;
