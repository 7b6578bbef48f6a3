-- The models that may be asked for with keys below a node, as keys have them of their own; empty for all.
ALTER TABLE nodes ADD COLUMN allowed_models text[] NOT NULL DEFAULT '{}';
