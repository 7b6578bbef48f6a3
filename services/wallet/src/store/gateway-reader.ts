import type { Sql } from "@alfred/postgres";
import type { GatewayStart } from "../gateway-watch.ts";
import type { GatewayBooks, LimitsChange } from "../gateway-watches.ts";

/** Reads what concerns gateways without a lock. */
export class GatewayReader implements GatewayBooks {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async starts(gatewayIds: readonly string[]): Promise<readonly GatewayStart[]> {
    const { rows } = await this.#sql.query<{ id: string; start_id: string; incarnation: bigint }>(
      "SELECT id, start_id, incarnation FROM wallet.gateways WHERE id = ANY($1) AND incarnation > 0",
      [gatewayIds],
    );
    return rows.map((row) => ({ gatewayId: row.id, startId: row.start_id, incarnation: row.incarnation }));
  }

  async recalled(gatewayIds: readonly string[]): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
    const { rows } = await this.#sql.query<{ gateway_id: string; ids: string[] }>(
      `SELECT gateway_id, array_agg(id) AS ids FROM wallet.leases
       WHERE gateway_id = ANY($1) AND state = 'open' AND is_recalled AND gateway_id <> '' GROUP BY gateway_id`,
      [gatewayIds],
    );
    return new Map(rows.map((row) => [row.gateway_id, new Set(row.ids)]));
  }

  async limitsChanged(sinceMs: number): Promise<readonly LimitsChange[]> {
    const { rows } = await this.#sql.query<{ id: string; limits_revision: bigint; limits_change_time: Date }>(
      "SELECT id, limits_revision, limits_change_time FROM wallet.organisations WHERE limits_change_time >= $1",
      [new Date(sinceMs)],
    );
    return rows.map((row) => ({ organisationId: row.id, revision: row.limits_revision, changeTimeMs: row.limits_change_time.getTime() }));
  }
}
