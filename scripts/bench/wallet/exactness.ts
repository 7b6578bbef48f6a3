import { setTimeout as delay } from "node:timers/promises";
import { Agent } from "undici";
import { AdminClient, type Tenant, type TenantPlan } from "../../cluster/admin-client.ts";
import { askChat, type ChatAnswer } from "../../cluster/chat-call.ts";
import { type Cluster, FLAT_MODEL, FLAT_PRICE_NANOS, METERED_MODEL, METERED_TOKEN_NANOS } from "../../cluster/cluster.ts";
import { type Spread, spreadOf } from "../statistics.ts";
import type { WalletSettings } from "./settings.ts";

export const LEVELS = ["key", "team", "organisation"] as const;
export type Level = (typeof LEVELS)[number];

/** Requests whose worst case is their cost, all at once, on a budget that pays for some of them. */
export interface ExactFigures {
  readonly level: Level;
  readonly keys: number;
  readonly runs: number;
  /** Runs in which exactly as many were served as the budget pays for. */
  readonly exact: number;
  /** Requests of all runs that were neither served nor denied, as those that waited for credit in vain. */
  readonly undecided: number;
  /** What was served in each run. */
  readonly served: readonly number[];
}

/** Requests whose worst case is a multiple of their cost, until one is denied and then until nothing fits. */
export interface WasteFigures {
  readonly ratio: number;
  readonly runs: number;
  /** Of the budget, what had been served when the first request was denied. */
  readonly servedBeforeDenial: Spread;
  /** Of the budget, what could be spent in all, one after the other at the end. */
  readonly spent: Spread;
  /** Nano-dollars held at rest, in any run. */
  readonly heldAtRest: number;
}

const REST_TIMEOUT_MS = 30_000;
const POLL_MS = 100;
const COST_TOKENS = 4;

/** One level, one or five keys, as many runs as asked. */
export async function measureExactness(cluster: Cluster, { runs, concurrent, fits }: WalletSettings["exact"], level: Level, keys: number): Promise<ExactFigures> {
  const served: number[] = [];
  let undecided = 0;
  for (let run = 0; run < runs; run += 1) {
    const tenant = await new AdminClient(cluster).createTenant(planOf(level, keys, BigInt(fits) * FLAT_PRICE_NANOS));
    const answers = await askAtOnce(cluster, tenant, concurrent);
    const whole = answers.filter(({ isWhole }) => isWhole).length;
    const denied = answers.filter(({ status }) => status === 402 || status === 429).length;
    served.push(whole);
    undecided += concurrent - whole - denied;
  }
  return { level, keys, runs, exact: served.filter((count) => count === fits).length, undecided, served };
}

/** A limit at one level alone; a limit at the key is one key's. */
function planOf(level: Level, keys: number, usd: bigint): TenantPlan {
  const limits = { usd };
  const all = Array.from({ length: level === "key" ? 1 : keys }, () => (level === "key" ? limits : {}));
  return { keys: all, ...(level === "team" ? { team: limits } : {}), ...(level === "organisation" ? { organisation: limits } : {}) };
}

async function askAtOnce(cluster: Cluster, tenant: Tenant, concurrent: number): Promise<ChatAnswer[]> {
  const agent = new Agent({ connections: concurrent, pipelining: 1 });
  const asked = Array.from({ length: concurrent }, (_, index) =>
    askChat(agent, {
      edge: cluster.edges[index % cluster.edges.length] ?? "",
      secret: tenant.keys[Math.floor(index / cluster.edges.length) % tenant.keys.length]?.secret ?? "",
      marker: `exact-${index}`, model: FLAT_MODEL, stream: false, maxTokens: 16, directives: "",
    }),
  );
  const answers = await Promise.all(asked);
  await agent.destroy();
  return answers;
}

/** Many at once until one is denied; then, at rest, one after the other until nothing fits. */
export async function measureWaste(cluster: Cluster, { runs, concurrent, worstCases, ratio }: WalletSettings["waste"]): Promise<WasteFigures> {
  const before: number[] = [];
  const spent: number[] = [];
  let heldAtRest = 0;
  for (let run = 0; run < runs; run += 1) {
    const admin = new AdminClient(cluster);
    const limit = BigInt(worstCases * ratio * COST_TOKENS) * METERED_TOKEN_NANOS;
    const tenant = await admin.createTenant({ team: { usd: limit }, keys: [{}, {}] });
    const cost = await askUntilDenied(cluster, tenant, concurrent, ratio);
    before.push(Number(cost) / Number(limit));
    await untilAtRest(admin, tenant);
    await spendTheRest(cluster, admin, tenant, ratio);
    const { posted, held } = await dollars(admin, tenant.teamId);
    spent.push(Number(posted) / Number(limit));
    heldAtRest = Math.max(heldAtRest, Number(held));
  }
  return { ratio, runs, servedBeforeDenial: spreadOf(before), spent: spreadOf(spent), heldAtRest };
}

/** Nano-dollars of the answers that came before the first denial. */
async function askUntilDenied(cluster: Cluster, tenant: Tenant, concurrent: number, ratio: number): Promise<bigint> {
  const agent = new Agent({ connections: concurrent, pipelining: 1 });
  let isDenied = false;
  let cost = 0n;
  const worker = async (_: unknown, index: number): Promise<void> => {
    for (let count = 0; !isDenied; count += 1) {
      const answer = await askMetered(agent, cluster, tenant, { number: index + count, ratio });
      if (!isDenied) cost += answer.costNanos ?? 0n;
      isDenied ||= !answer.isWhole;
    }
  };
  await Promise.all(Array.from({ length: concurrent }, worker));
  await agent.destroy();
  return cost;
}

async function spendTheRest(cluster: Cluster, admin: AdminClient, tenant: Tenant, ratio: number): Promise<void> {
  const agent = new Agent();
  for (let number = 0, denials = 0; denials < cluster.edges.length; number += 1) {
    const { isWhole } = await askMetered(agent, cluster, tenant, { number, ratio });
    denials = isWhole ? 0 : denials + 1;
  }
  await agent.destroy();
  await untilAtRest(admin, tenant);
}

function askMetered(agent: Agent, cluster: Cluster, tenant: Tenant, { number, ratio }: { readonly number: number; readonly ratio: number }): Promise<ChatAnswer> {
  return askChat(agent, {
    edge: cluster.edges[number % cluster.edges.length] ?? "",
    secret: tenant.keys[number % tenant.keys.length]?.secret ?? "",
    marker: `waste-${number}`, model: METERED_MODEL, stream: false, maxTokens: COST_TOKENS * ratio, directives: `tokens=${COST_TOKENS} delay_ms=20`,
  });
}

async function untilAtRest(admin: AdminClient, tenant: Tenant): Promise<void> {
  const deadline = performance.now() + REST_TIMEOUT_MS;
  while ((await dollars(admin, tenant.teamId)).held > 0n && performance.now() < deadline) await delay(POLL_MS);
}

async function dollars(admin: AdminClient, accountId: string): Promise<{ readonly posted: bigint; readonly held: bigint }> {
  const { account } = await admin.call("GET", `accounts/${accountId}`);
  const { balances } = account as { readonly balances: readonly Readonly<Record<string, string>>[] };
  const found = balances.find(({ unit, period }) => unit === "UNIT_USD" && period === "PERIOD_NONE") ?? {};
  return { posted: BigInt(found["posted"] ?? 0), held: BigInt(found["held"] ?? 0) };
}
