-- The rule that said where the request goes, by its id; empty where none applied.
ALTER TABLE usage_records ADD COLUMN route_rule text COLLATE "C" NOT NULL DEFAULT '';
