-- Rules for routes: what calls put, as JSON of the contract's RouteRule.
CREATE TABLE route_rules (
  id text PRIMARY KEY,
  rule jsonb NOT NULL,
  version bigint NOT NULL CHECK (version >= 1),
  update_time timestamptz NOT NULL
);

ALTER TABLE changes DROP CONSTRAINT changes_kind_check;
ALTER TABLE changes ADD CONSTRAINT changes_kind_check
  CHECK (kind IN ('node', 'key', 'provider', 'deployment', 'alias', 'route_rule'));
DROP INDEX changes_of_config;
CREATE INDEX changes_of_config ON changes (revision) WHERE kind IN ('provider', 'deployment', 'alias', 'route_rule');
