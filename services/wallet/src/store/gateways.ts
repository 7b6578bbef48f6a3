import type { Sql } from "@alfred/postgres";
import type { Gateway } from "../domain/gateway.ts";
import type { Needs } from "../domain/operation.ts";

/** The gateways that are locked; those that never said hello have incarnation 0. */
export type LockedGateways = ReadonlyMap<string, Gateway>;

interface GatewayRow {
  readonly id: string;
  readonly incarnation: bigint;
  readonly start_id: string;
}

/**
 * Locks the gateways of a batch, in the order of their ids and before any organisation. All of them are locked as
 * strongly as the strongest need says: locking some after the others would break that order.
 */
export async function lockGateways(sql: Sql, needs: readonly Needs[]): Promise<LockedGateways> {
  const ids = [...new Set(needs.flatMap(({ gatewayId }) => gatewayId ?? []))];
  if (ids.length === 0) return new Map();
  const strength = needs.some(({ gatewayLock }) => gatewayLock === "update") ? "UPDATE" : "SHARE";
  const { rows } = await sql.query<GatewayRow>(
    `SELECT id, incarnation, start_id FROM wallet.gateways WHERE id = ANY($1) ORDER BY id FOR ${strength}`,
    [ids],
  );
  return new Map(rows.map((row) => [row.id, { id: row.id, incarnation: row.incarnation, startId: row.start_id }]));
}

/** The gateways that a batch changes and that have no row to lock yet. */
export function lackingGateways(needs: readonly Needs[], locked: LockedGateways): string[] {
  const changed = needs.flatMap(({ gatewayId, gatewayLock }) => (gatewayLock === "update" ? (gatewayId ?? []) : []));
  return [...new Set(changed)].filter((id) => !locked.has(id)).toSorted();
}

/** Makes the rows of gateways that are about to say hello; until then they count as never seen. */
export async function insertGateways(sql: Sql, ids: readonly string[]): Promise<void> {
  await sql.query("INSERT INTO wallet.gateways (id) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING", [ids]);
}

/** The organisations in which gateways have leases that are not closed. Their gateways are locked, so none is added meanwhile. */
export async function organisationsOfGateways(sql: Sql, needs: readonly Needs[]): Promise<string[]> {
  const ids = [...new Set(needs.flatMap(({ leasesOfGateway }) => leasesOfGateway ?? []))];
  if (ids.length === 0) return [];
  const { rows } = await sql.query<{ organisation_id: string }>(
    "SELECT DISTINCT organisation_id FROM wallet.leases WHERE gateway_id = ANY($1) AND state <> 'closed' AND gateway_id <> ''",
    [ids],
  );
  return rows.map((row) => row.organisation_id);
}
