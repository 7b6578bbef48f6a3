-- Rules for routes may stand in the configuration file, too; `origin` tells who may change one.
ALTER TABLE route_rules ADD COLUMN origin text NOT NULL DEFAULT 'api' CHECK (origin IN ('api', 'file'));
