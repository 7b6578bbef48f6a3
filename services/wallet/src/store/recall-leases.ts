import type { Sql } from "@alfred/postgres";
import type { Draft } from "../domain/draft.ts";

/** A lease that was asked back, and the gateway to tell. */
export interface RecalledLease {
  readonly id: string;
  readonly gatewayId: string;
}

/** Both conditions on paths find their leases by the index on them. */
const RECALL = `UPDATE wallet.leases SET is_recalled = true
  WHERE state = 'open' AND gateway_id <> '' AND NOT is_recalled AND (path && $1 OR (path && $2 AND account_id = ANY($2)))
  RETURNING id, gateway_id`;

/**
 * Asks back what a batch says, each lease once: every open one of a gateway at or below an account that lacks, wherever
 * its requests go, and those that hang above an account that is now limited itself. Their organisations are locked, and
 * what the batch granted is written.
 */
export async function recallLeases(sql: Sql, draft: Draft): Promise<readonly RecalledLease[]> {
  if (draft.recalls.size === 0 && draft.recallsAbove.size === 0) return [];
  const above = [...draft.recallsAbove].flatMap((id) => draft.account(id)?.path.slice(1) ?? []);
  const { rows } = await sql.query<{ id: string; gateway_id: string }>(RECALL, [[...draft.recalls], [...new Set(above)]]);
  return rows.map((row) => ({ id: row.id, gatewayId: row.gateway_id }));
}
