-- What the directory owns. Paths are kept as they were at creation: nodes never move, and limits change in the wallet.

CREATE TABLE organisations (
  id text PRIMARY KEY,
  name text NOT NULL,
  time_zone text NOT NULL,
  create_time timestamptz NOT NULL
);
CREATE INDEX organisations_by_age ON organisations (create_time, id);

CREATE TABLE nodes (
  id text PRIMARY KEY,
  organisation_id text NOT NULL REFERENCES organisations (id),
  parent_id text REFERENCES nodes (id),
  kind text NOT NULL CHECK (kind IN ('organisation', 'department', 'team', 'user', 'service_account')),
  name text NOT NULL,
  time_zone text NOT NULL,
  path jsonb NOT NULL,
  create_time timestamptz NOT NULL,
  CHECK ((kind = 'organisation') = (parent_id IS NULL))
);
CREATE INDEX nodes_by_age ON nodes (organisation_id, create_time, id);
CREATE INDEX nodes_by_parent ON nodes (parent_id, create_time, id);

CREATE TABLE keys (
  id text PRIMARY KEY,
  organisation_id text REFERENCES organisations (id),
  parent_id text REFERENCES nodes (id),
  name text NOT NULL,
  role text NOT NULL CHECK (role IN ('user', 'admin', 'root')),
  prefix text NOT NULL,
  secret_sha256 bytea NOT NULL UNIQUE CHECK (length(secret_sha256) = 32),
  time_zone text NOT NULL,
  path jsonb NOT NULL,
  allowed_models text[] NOT NULL,
  requests_per_minute integer CHECK (requests_per_minute BETWEEN 1 AND 1000000),
  expire_time timestamptz,
  revoke_time timestamptz,
  -- 'environment' for keys that variables give; revoked_by tells whether a variable may bring one back.
  origin text NOT NULL CHECK (origin IN ('api', 'environment')),
  revoked_by text CHECK (revoked_by IN ('api', 'environment')),
  create_time timestamptz NOT NULL,
  CHECK ((role = 'root') = (organisation_id IS NULL)),
  CHECK ((revoke_time IS NULL) = (revoked_by IS NULL))
);
CREATE INDEX keys_by_age ON keys (organisation_id, create_time, id);
CREATE INDEX keys_by_parent ON keys (parent_id, create_time, id);

CREATE TABLE providers (
  id text PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('openai')),
  base_url text NOT NULL,
  -- Version, id of the master key, nonce, ciphertext and tag; the id of the provider is authenticated with them.
  sealed_secret bytea,
  price_book text NOT NULL,
  origin text NOT NULL CHECK (origin IN ('api', 'environment')),
  update_time timestamptz NOT NULL
);

CREATE TABLE deployments (
  id text PRIMARY KEY,
  model text NOT NULL,
  provider_id text NOT NULL REFERENCES providers (id),
  upstream_model text NOT NULL,
  update_time timestamptz NOT NULL
);
CREATE INDEX deployments_by_provider ON deployments (provider_id);

-- What watches follow: the last change of every object, in the order of commits. One row is locked by each writer until
-- it commits, so that a revision becomes visible only after all lower ones.
CREATE TABLE revision (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  value bigint NOT NULL
);
INSERT INTO revision (value) VALUES (0);

CREATE TABLE changes (
  kind text NOT NULL CHECK (kind IN ('node', 'key', 'provider', 'deployment')),
  object_id text NOT NULL,
  revision bigint NOT NULL UNIQUE,
  removed boolean NOT NULL,
  PRIMARY KEY (kind, object_id)
);
CREATE INDEX changes_of_keys ON changes (revision) WHERE kind IN ('node', 'key');
CREATE INDEX changes_of_config ON changes (revision) WHERE kind IN ('provider', 'deployment');

-- Mutations answered before, to answer them again.
CREATE TABLE requests (
  tenant text NOT NULL,
  rpc text NOT NULL,
  request_id text NOT NULL,
  fingerprint bytea NOT NULL,
  response bytea NOT NULL,
  create_time timestamptz NOT NULL,
  PRIMARY KEY (tenant, rpc, request_id)
);

-- Facts of the installation that calls do not set, as which organisation is the demo.
CREATE TABLE settings (
  name text PRIMARY KEY,
  value text NOT NULL
);
