-- Files of one purpose are listed without going through all others of their organisation.
CREATE INDEX kept_objects_by_purpose ON kept_objects (organisation_id, kind, purpose, create_time, id);
