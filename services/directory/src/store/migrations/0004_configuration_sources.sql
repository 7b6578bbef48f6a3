-- Where objects of the configuration come from, and what more is known of providers. A call beats the file, the file
-- beats the environment; `origin` tells who may change an object.
ALTER TABLE providers DROP CONSTRAINT providers_origin_check;
ALTER TABLE providers ADD CONSTRAINT providers_origin_check CHECK (origin IN ('api', 'file', 'environment'));
ALTER TABLE providers ADD COLUMN region text NOT NULL DEFAULT '';
ALTER TABLE providers ADD COLUMN api_version text NOT NULL DEFAULT '';

-- Azure's version stood in the query of its address.
UPDATE providers
SET api_version = substring(base_url FROM '[?&]api-version=([A-Za-z0-9_-]+)'), base_url = regexp_replace(base_url, '/*\?.*$', '')
WHERE kind = 'azure' AND base_url ~ '[?&]api-version=[A-Za-z0-9_-]+';

ALTER TABLE deployments ADD COLUMN origin text NOT NULL DEFAULT 'api' CHECK (origin IN ('api', 'file', 'environment'));

CREATE TABLE aliases (
  alias text PRIMARY KEY,
  model text NOT NULL,
  origin text NOT NULL CHECK (origin IN ('api', 'file', 'environment')),
  update_time timestamptz NOT NULL
);

ALTER TABLE changes DROP CONSTRAINT changes_kind_check;
ALTER TABLE changes ADD CONSTRAINT changes_kind_check CHECK (kind IN ('node', 'key', 'provider', 'deployment', 'alias'));
DROP INDEX changes_of_config;
CREATE INDEX changes_of_config ON changes (revision) WHERE kind IN ('provider', 'deployment', 'alias');
