import { setTimeout as delay } from "node:timers/promises";
import type { ProviderSim } from "../../packages/provider-sim/src/index.ts";
import { seededRandom } from "../bench/random.ts";
import { AdminClient, type Tenant } from "../cluster/admin-client.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { ProcessEnd } from "../cluster/supervised.ts";
import { type Fault, injectFaults, planFaults } from "./faults.ts";
import { runLoad, type SentCall } from "./load.ts";
import { disagreements, isCharged, isIndeterminate } from "./proof/checks.ts";
import { type Evidence, gatherEvidence } from "./proof/evidence.ts";
import { watchLimits } from "./proof/limit-watch.ts";

/** The load goes on at least so long, and so long after the last fault. */
const LOAD_MS = 5_000;
const LOAD_AFTER_MS = 1_000;
const REST_TIMEOUT_MS = 60_000;
const REST_PAUSE_MS = 500;

/** What one run came to. */
export interface Verdict {
  readonly seed: number;
  readonly faults: readonly Fault[];
  /** Failpoints that a process ended at. */
  readonly reached: readonly string[];
  readonly requests: number;
  readonly answered: number;
  readonly denied: number;
  readonly served: number;
  readonly charged: number;
  readonly indeterminate: number;
  readonly looks: number;
  readonly restMs: number;
  /** What does not add up; nothing where the run passed. */
  readonly problems: readonly string[];
}

/** One run: load with faults, then rest, then proof. The same seed does the same to the mesh at the same times. */
export async function runOnce(cluster: Cluster, provider: ProviderSim, seed: number): Promise<Verdict> {
  const random = seededRandom(seed);
  provider.requests.clear();
  for (const { ends } of cluster.processes) ends.length = 0;
  const admin = new AdminClient(cluster);
  const tenants = await createTenants(admin, random);
  const faults = planFaults(random, LOAD_MS);
  const { calls, watch } = await loadWithFaults(cluster, { tenants, faults, seed });
  await cluster.untilReady();
  const ends = cluster.processes.flatMap((process) => process.ends);
  const startedAt = performance.now();
  const { evidence, problems } = await untilAtRest({ cluster, admin, tenants }, { calls, provider: () => provider.requests.entries() });
  return {
    seed, faults,
    reached: ends.filter(({ failpoint, isKill }) => failpoint !== "" && !isKill).map(({ failpoint }) => failpoint.split(":")[0] ?? ""),
    requests: calls.length,
    answered: calls.filter(({ isWhole }) => isWhole).length,
    denied: calls.filter(({ status }) => status === 402 || status === 429).length,
    served: evidence?.provider.length ?? 0,
    charged: evidence?.usage.filter(isCharged).length ?? 0,
    indeterminate: evidence?.usage.filter(isIndeterminate).length ?? 0,
    looks: watch.looks,
    restMs: performance.now() - startedAt,
    problems: [...problems, ...watch.passed.map((text) => `a limit was passed while the load ran: ${text}`), ...unexpectedEnds(ends)],
  };
}

/** A run that came to no end: the mesh did not come back, or did not answer. */
export function brokenRun(seed: number, error: unknown): Verdict {
  const nothing = { requests: 0, answered: 0, denied: 0, served: 0, charged: 0, indeterminate: 0, looks: 0, restMs: 0 };
  return { seed, faults: [], reached: [], ...nothing, problems: [error instanceof Error ? error.message : String(error)] };
}

/** Two organisations: one loose with tight keys, one tight at the top; each in dollars, one in tokens too. */
async function createTenants(admin: AdminClient, random: () => number): Promise<Tenant[]> {
  const dollars = (most: number): bigint => BigInt(Math.ceil(most * (0.2 + random()))) * 1_000_000n;
  return Promise.all([
    admin.createTenant({ keys: [{}, { usd: dollars(200) }, { tokens: 8_000n }] }),
    admin.createTenant({ organisation: { usd: dollars(900) }, team: { usd: dollars(900) }, keys: [{}, { usd: dollars(400) }] }),
  ]);
}

interface LoadPlan {
  readonly tenants: readonly Tenant[];
  readonly faults: readonly Fault[];
  readonly seed: number;
}

async function loadWithFaults(cluster: Cluster, { tenants, faults, seed }: LoadPlan): Promise<{ calls: SentCall[]; watch: Awaited<ReturnType<typeof watchLimits>> }> {
  const stop = new AbortController();
  const { signal } = stop;
  const [calls, watch] = await Promise.all([
    runLoad({ edges: cluster.edges, tenants, random: seededRandom(seed + 1), stop: signal, prefix: `m${seed}` }),
    watchLimits(cluster.postgres.url, signal),
    Promise.all([injectFaults(cluster, faults, seededRandom(seed + 2)), delay(LOAD_MS)]).then(() => delay(LOAD_AFTER_MS)).finally(() => stop.abort()),
  ]);
  return { calls, watch };
}

interface Seen {
  readonly calls: readonly SentCall[];
  readonly provider: () => Evidence["provider"];
}

/** Waits until everything adds up, twice in a row, or for so long that it never will. */
async function untilAtRest(parts: Parameters<typeof gatherEvidence>[0], { calls, provider }: Seen): Promise<{ evidence: Evidence | undefined; problems: readonly string[] }> {
  const deadline = performance.now() + REST_TIMEOUT_MS;
  for (let agreed = 0; ;) {
    const evidence = await gatherEvidence(parts, { calls, provider: provider() }).catch((error: unknown) => String(error));
    const problems = typeof evidence === "string" ? [evidence] : disagreements(evidence, parts.tenants);
    agreed = problems.length === 0 ? agreed + 1 : 0;
    const found = typeof evidence === "string" ? undefined : evidence;
    if (agreed === 2 || performance.now() > deadline) return { evidence: found, problems };
    await delay(REST_PAUSE_MS);
  }
}

/** A process that had been at work and ended, though nobody had killed it or armed a failpoint. */
function unexpectedEnds(ends: readonly ProcessEnd[]): string[] {
  return ends.filter(({ isKill, failpoint, wasReady }) => wasReady && !isKill && failpoint === "").map(({ name, how }) => `${name} ended by itself (${how})`);
}
