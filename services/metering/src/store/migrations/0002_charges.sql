-- A gateway that cannot note what an answer cost may report its worst case too when it comes back: of the records of one
-- charge the first counts.
ALTER TABLE usage_records ADD COLUMN charge_id text COLLATE "C";
UPDATE usage_records SET charge_id = record_id;
ALTER TABLE usage_records ALTER COLUMN charge_id SET NOT NULL;
CREATE UNIQUE INDEX usage_records_by_charge ON usage_records (charge_id);
