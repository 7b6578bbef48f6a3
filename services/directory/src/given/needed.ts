/** What a provider is needed for, which keeps it from being removed. */
import type { Sql } from "@alfred/postgres";
import { countDeployments } from "../store/deployments.ts";
import { countRunningBatches } from "../store/kept-objects.ts";

/** Why a provider has to stay. */
export interface Need {
  /** As "2 deployments". */
  readonly what: string;
  readonly hint: string;
}

/** Why a provider has to stay; undefined where it can go. Without it nobody could tell what becomes of a batch, for which money is held. */
export async function needOf(sql: Sql, providerId: string): Promise<Need | undefined> {
  const deployments = await countDeployments(sql, providerId);
  if (deployments > 0) return { what: counted(deployments, "deployment"), hint: "Remove them first; ListDeployments shows them." };
  const batches = await countRunningBatches(sql, providerId);
  if (batches > 0) return { what: counted(batches, "running batch", "es"), hint: "Wait until they are over, a day at most, or have their owners cancel them; a rule keeps new requests away." };
  return undefined;
}

function counted(count: number, what: string, plural = "s"): string {
  return count === 1 ? `1 ${what}` : `${count} ${what}${plural}`;
}
