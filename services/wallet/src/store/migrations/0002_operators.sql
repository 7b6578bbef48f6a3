-- The check of the ledger goes organisation by organisation.
CREATE INDEX leases_organisation ON wallet.leases (organisation_id);
