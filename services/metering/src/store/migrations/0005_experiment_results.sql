-- What results by arm are made of. Records that were kept before say nothing here, and are in no experiment.
ALTER TABLE usage_records ADD COLUMN shadow_of text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE usage_records ADD COLUMN answered boolean NOT NULL DEFAULT false;
ALTER TABLE usage_records ADD COLUMN reason text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE usage_records ADD COLUMN first_byte_ms bigint;
ALTER TABLE usage_records ADD COLUMN duration_ms bigint;
CREATE INDEX usage_records_by_experiment ON usage_records (experiment, start_time) WHERE experiment <> '';
