-- Leases: credit that gateways spend from memory. Every write still happens under the lock of its organisation's row; what a
-- gateway does also under its row in wallet.gateways. Gateways are locked before organisations, each in the order of ids.

ALTER TABLE wallet.organisations
  -- Rises with every account that gets its first hard limit for a unit, or loses its last.
  ADD COLUMN limits_revision bigint NOT NULL DEFAULT 0,
  -- When a limit was last changed: what the wallet's other processes look for.
  ADD COLUMN limits_change_time timestamptz NOT NULL DEFAULT 'epoch';
CREATE INDEX organisations_limits ON wallet.organisations (limits_change_time);

-- Who may spend leases: a gateway's name lives in its journal, and each of its starts gets the next incarnation.
CREATE TABLE wallet.gateways (
  id text PRIMARY KEY,
  -- 0 for one that never said hello.
  incarnation bigint NOT NULL DEFAULT 0,
  start_id text NOT NULL DEFAULT ''
);

ALTER TABLE wallet.limits
  ALTER COLUMN hard DROP NOT NULL,
  ADD COLUMN soft bigint CHECK (soft >= 0),
  ADD COLUMN clamp boolean NOT NULL DEFAULT false,
  ADD CHECK (hard IS NOT NULL OR soft IS NOT NULL);
ALTER TABLE wallet.limits ALTER COLUMN clamp DROP DEFAULT;

-- What was there before are reservations: leases for one record, which is posted once they are closed. The path of a lease
-- begins with the account that it hangs on.
ALTER TABLE wallet.leases RENAME COLUMN settled TO charged;
ALTER TABLE wallet.leases
  -- The gateway that may spend it, and the start of it that it was granted to; '' and 0 where it is nobody's.
  ADD COLUMN gateway_id text NOT NULL DEFAULT '',
  ADD COLUMN incarnation bigint NOT NULL DEFAULT 0,
  ADD COLUMN is_reservation boolean NOT NULL DEFAULT true,
  -- Whether the journal of its gateway was lost, so that only an operator can close it.
  ADD COLUMN is_lost boolean NOT NULL DEFAULT false,
  -- Whether it was asked back.
  ADD COLUMN is_recalled boolean NOT NULL DEFAULT false,
  -- What its records can draw at most: the credit, or the least ceiling seen.
  ADD COLUMN cap jsonb NOT NULL DEFAULT '{}',
  -- What its records drew from what it held.
  ADD COLUMN drawn jsonb NOT NULL DEFAULT '{}',
  -- Of an operator's stated cost, what no record has come for.
  ADD COLUMN advance jsonb NOT NULL DEFAULT '{}',
  -- The numbers of the records that were posted, as ranges [from, to] in order.
  ADD COLUMN seen jsonb NOT NULL DEFAULT '[]',
  -- What was posted for the records that may still change, by number.
  ADD COLUMN records jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN final_count bigint,
  -- The expiry in steps of ten seconds since the epoch. Indexed in its place, so that the settlements which put it off
  -- a little at a time do not each touch every index.
  ADD COLUMN expire_slot bigint NOT NULL DEFAULT 0;

UPDATE wallet.leases SET cap = credit, expire_slot = floor(extract(epoch FROM expire_time) / 10);
-- What was charged came from the hold, but for what overran it.
UPDATE wallet.leases l SET seen = '[[1, 1]]', drawn = parts.drawn,
  records = jsonb_build_object('1', jsonb_build_object('accountId', l.account_id, 'isIndeterminate', false,
    'drawn', parts.drawn, 'advanced', '{}'::jsonb, 'beyond', parts.beyond))
FROM (SELECT id, COALESCE(jsonb_object_agg(unit, drawn::text) FILTER (WHERE unit IS NOT NULL), '{}') AS drawn,
        COALESCE(jsonb_object_agg(unit, (cost - drawn)::text) FILTER (WHERE unit IS NOT NULL), '{}') AS beyond
      FROM (SELECT s.id, unit, cost::numeric AS cost,
              LEAST(cost::numeric - COALESCE((s.overrun ->> unit)::numeric, 0), COALESCE((s.credit ->> unit)::numeric, 0)) AS drawn
            FROM wallet.leases s LEFT JOIN LATERAL jsonb_each_text(s.charged) AS c(unit, cost) ON true WHERE s.state = 'closed') AS units
      GROUP BY id) AS parts
WHERE parts.id = l.id;

ALTER TABLE wallet.leases
  ALTER COLUMN gateway_id DROP DEFAULT,
  ALTER COLUMN incarnation DROP DEFAULT,
  ALTER COLUMN is_reservation DROP DEFAULT,
  ALTER COLUMN is_lost DROP DEFAULT,
  ALTER COLUMN is_recalled DROP DEFAULT,
  ALTER COLUMN cap DROP DEFAULT,
  ALTER COLUMN drawn DROP DEFAULT,
  ALTER COLUMN advance DROP DEFAULT,
  ALTER COLUMN seen DROP DEFAULT,
  ALTER COLUMN records DROP DEFAULT,
  ALTER COLUMN expire_slot DROP DEFAULT,
  SET (fillfactor = 50);

DROP INDEX wallet.leases_expiring;
CREATE INDEX leases_expiring ON wallet.leases (expire_slot) WHERE state = 'open';
CREATE INDEX leases_suspense ON wallet.leases (organisation_id, create_time, id) WHERE state = 'suspense';
CREATE INDEX leases_gateway ON wallet.leases (gateway_id, incarnation) WHERE state <> 'closed' AND gateway_id <> '';
CREATE INDEX leases_recalled ON wallet.leases (gateway_id) WHERE state = 'open' AND is_recalled AND gateway_id <> '';
CREATE INDEX leases_recallable ON wallet.leases USING gin (path) WHERE state = 'open' AND gateway_id <> '' AND NOT is_recalled;
-- The check of the ledger goes organisation by organisation.
CREATE INDEX leases_organisation ON wallet.leases (organisation_id);

ALTER TABLE wallet.transfers
  -- The numbers of the records that it posts or replaces, as ranges.
  ADD COLUMN records jsonb NOT NULL DEFAULT '[]',
  -- A memo, no entry: by how much the overrun changed.
  ADD COLUMN overrun jsonb NOT NULL DEFAULT '{}';

-- What this adds to transfers that were written before it is said once, here; from then on they are kept as they are.
ALTER TABLE wallet.transfers DISABLE TRIGGER transfers_append_only;
UPDATE wallet.transfers SET records = '[[1, 1]]' WHERE kind IN ('settle', 'correction');
-- What of a lease's overrun corrections and refunds changed is not known any more: its settlement carries what is left of it.
UPDATE wallet.transfers t SET overrun = l.overrun FROM wallet.leases l WHERE l.id = t.lease_id AND t.kind = 'settle' AND l.overrun <> '{}';
ALTER TABLE wallet.transfers ENABLE TRIGGER transfers_append_only;
ALTER TABLE wallet.transfers ALTER COLUMN records DROP DEFAULT, ALTER COLUMN overrun DROP DEFAULT;
