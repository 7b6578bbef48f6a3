-- How often a deployment is chosen among those of the same model.
ALTER TABLE deployments ADD COLUMN weight integer NOT NULL DEFAULT 1 CHECK (weight BETWEEN 0 AND 1000);
