import { Client } from "pg";
import { UsageRecord } from "../../../packages/contracts/src/index.ts";
import type { RequestRecord } from "../../../packages/provider-sim/src/index.ts";
import type { AdminClient, Tenant } from "../../cluster/admin-client.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import type { SentCall } from "../load.ts";

/** All that the witnesses know when the mesh is at rest. */
export interface Evidence {
  /** What clients sent and got. */
  readonly calls: readonly SentCall[];
  /** What the provider was asked. */
  readonly provider: readonly RequestRecord[];
  /** What metering keeps. */
  readonly usage: readonly UsageRecord[];
  readonly accounts: readonly AccountState[];
  /** What the wallet finds wrong with its own books. */
  readonly ledgerFaults: readonly string[];
  /** Leases in suspense. */
  readonly suspense: number;
  readonly chains: readonly ChainState[];
}

/** One account's books for all time. */
export interface AccountState {
  readonly id: string;
  readonly unit: "USD" | "TOKENS";
  readonly hard: bigint | undefined;
  readonly posted: bigint;
  readonly held: bigint;
  readonly suspense: bigint;
  readonly overrun: bigint;
}

/** One organisation's audit chain. */
export interface ChainState {
  readonly organisationId: string;
  readonly isWhole: boolean;
  readonly events: readonly ChainEvent[];
}

/** One event, as far as it matters here. */
interface ChainEvent {
  readonly source: string;
  readonly sourceSeq: bigint;
  /** The usage records that it tells of. */
  readonly recordIds: readonly string[];
}

export interface EvidenceParts {
  readonly cluster: Cluster;
  readonly admin: AdminClient;
  readonly tenants: readonly Tenant[];
}

const PAGE = 1_000;

/** Asks every witness. @throws Error where one does not answer */
export async function gatherEvidence(
  { cluster, admin, tenants }: EvidenceParts,
  seen: Pick<Evidence, "calls" | "provider">,
): Promise<Evidence> {
  const ids = tenants.map(({ organisationId }) => organisationId);
  const usage = await usageOf(cluster.postgres.url, ids);
  const names = tenants.flatMap(({ organisationId, teamId, keys }) => [organisationId, teamId, ...keys.map(({ id }) => id)]);
  const accounts = (await Promise.all(names.map((id) => accountStates(admin, id)))).flat();
  const { faults = [] } = await admin.call("GET", "ledger:verify");
  const { leases = [] } = await admin.call("GET", "leases:suspense");
  const chains = await Promise.all(ids.map((id) => chainState(admin, id)));
  const ledgerFaults = (faults as unknown[]).map((fault) => JSON.stringify(fault));
  return { ...seen, usage, accounts, ledgerFaults, suspense: (leases as unknown[]).length, chains };
}

/** Read from the table, since a watch tells only of what comes. */
async function usageOf(databaseUrl: string, organisationIds: readonly string[]): Promise<UsageRecord[]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const sql = "SELECT record FROM metering.usage_records WHERE organisation_id = ANY($1)";
    const { rows } = await client.query<{ record: Buffer }>(sql, [organisationIds]);
    return rows.map(({ record }) => UsageRecord.decode(record));
  } finally {
    await client.end();
  }
}

async function accountStates(admin: AdminClient, id: string): Promise<AccountState[]> {
  const { account } = await admin.call("GET", `accounts/${id}`);
  const { balances } = account as { readonly balances: readonly Readonly<Record<string, string>>[] };
  const forAllTime = balances.filter(({ period }) => period === "PERIOD_NONE");
  return (["USD", "TOKENS"] as const).map((unit) => {
    const found = forAllTime.find((balance) => balance["unit"] === `UNIT_${unit}`) ?? {};
    const value = (name: string): bigint => BigInt(found[name] ?? 0);
    const hard = found["hard"] === undefined ? undefined : BigInt(found["hard"]);
    return { id, unit, hard, posted: value("posted"), held: value("held"), suspense: value("suspense"), overrun: value("overrun") };
  });
}

async function chainState(admin: AdminClient, organisationId: string): Promise<ChainState> {
  const { whole } = await admin.call("GET", `events:verify?organisation_id=${organisationId}`);
  const events: ChainEvent[] = [];
  for (let token = ""; ;) {
    const query = `page_size=${PAGE}&organisation_id=${organisationId}&page_token=${encodeURIComponent(token)}`;
    const { events: page = [], nextPageToken = "" } = await admin.call("GET", `events?${query}`);
    events.push(...(page as readonly ListedEvent[]).map(({ event }) => chainEvent(event)));
    token = nextPageToken as string;
    if (token === "") return { organisationId, isWhole: whole === true, events };
  }
}

interface ListedEvent {
  readonly event: { readonly source: string; readonly sourceSeq: string; readonly usageRecorded?: { readonly recordIds?: readonly string[] } };
}

function chainEvent({ source, sourceSeq, usageRecorded }: ListedEvent["event"]): ChainEvent {
  return { source, sourceSeq: BigInt(sourceSeq), recordIds: usageRecorded?.recordIds ?? [] };
}
