-- Which cluster and timeline the books were last granted from, and since when they are: another one may lack grants that
-- gateways still spend.
CREATE TABLE wallet.failover (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  -- The system identifier of the cluster and its timeline; empty until something is granted.
  identity text NOT NULL,
  grants_from timestamptz NOT NULL
);
INSERT INTO wallet.failover (identity, grants_from) VALUES ('', 'epoch');
