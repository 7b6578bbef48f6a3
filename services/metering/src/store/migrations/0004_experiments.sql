-- The experiment that the request was in, and the arm of it; empty where it was in none.
ALTER TABLE usage_records ADD COLUMN experiment text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE usage_records ADD COLUMN arm text COLLATE "C" NOT NULL DEFAULT '';
