import { setTimeout as delay } from "node:timers/promises";
import type { Failpoint } from "../../packages/lifecycle/src/index.ts";
import type { Cluster } from "../cluster/cluster.ts";

/** Something that is done to the mesh. */
export interface Fault {
  /** A process, or "postgres". */
  readonly target: string;
  /** After how long of the load, in milliseconds. */
  readonly atMs: number;
  /** Where the process ends itself after it came back; undefined for a plain kill. */
  readonly failpoint?: Failpoint;
  /** At which pass of that point. */
  readonly pass?: number;
}

interface Target {
  readonly name: string;
  /** Where it can end itself, with the highest pass that a short load is sure to reach. */
  readonly failpoints: readonly (readonly [Failpoint, number])[];
}

const OF_GATEWAY = [["journal-written", 8], ["provider-answered", 6], ["hello-sent", 1], ["journal-rotated", 1]] as const;
const TARGETS: readonly Target[] = [
  { name: "gateway-1", failpoints: OF_GATEWAY },
  { name: "gateway-2", failpoints: OF_GATEWAY },
  { name: "wallet", failpoints: [["wallet-before-commit", 8], ["wallet-committed", 8]] },
  { name: "metering", failpoints: [["metering-committed", 3]] },
  { name: "postgres", failpoints: [] },
];
const EARLIEST_MS = 300;
const SHARE_OF_TARGETS = 0.7;
const SHARE_OF_FAILPOINTS = 0.65;
/** The share of the load's shortest time in which faults come. */
const SHARE_OF_LOAD = 0.7;
/** How long a process may take to come back, and then to reach its failpoint. */
const BACK_TIMEOUT_MS = 20_000;
const REACH_TIMEOUT_MS = 3_000;
const POLL_MS = 20;
const LONGEST_OUTAGE_MS = 600;

/** What one run does: each target once with some chance, at least one of them, most of them at a named point. */
export function planFaults(random: () => number, loadMs: number): Fault[] {
  const chosen = TARGETS.filter(() => random() < SHARE_OF_TARGETS);
  const targets = chosen.length > 0 ? chosen : TARGETS.slice(0, 1);
  return targets.map((target) => planFault(target, random, loadMs));
}

function planFault({ name, failpoints }: Target, random: () => number, loadMs: number): Fault {
  const atMs = Math.round(EARLIEST_MS + random() * (loadMs * SHARE_OF_LOAD - EARLIEST_MS));
  const point = random() < SHARE_OF_FAILPOINTS ? failpoints[Math.floor(random() * failpoints.length)] : undefined;
  if (point === undefined) return { target: name, atMs };
  const [failpoint, highest] = point;
  return { target: name, atMs, failpoint, pass: 1 + Math.floor(random() * highest) };
}

/** As a person reads it: "wallet at wallet-committed:3 after 1.2 s". */
export function faultText({ target, atMs, failpoint, pass }: Fault): string {
  return `${target}${failpoint === undefined ? " killed" : ` at ${failpoint}:${pass}`} after ${(atMs / 1_000).toFixed(1)} s`;
}

/** Does it all, each at its time; resolves when what was to end has ended, or was not reached in time. */
export async function injectFaults(cluster: Cluster, faults: readonly Fault[], random: () => number): Promise<void> {
  const outageMs = Math.round(random() * LONGEST_OUTAGE_MS);
  await Promise.all(faults.map(async (fault) => {
    await delay(fault.atMs);
    if (fault.target === "postgres") await cluster.postgres.kill(outageMs);
    else await injectInto(cluster, fault);
  }));
}

async function injectInto(cluster: Cluster, { target, failpoint, pass }: Fault): Promise<void> {
  const process = cluster.process(target);
  if (failpoint === undefined) return process.kill();
  process.kill(`${failpoint}:${pass}`);
  const hasEnded = (): boolean => process.ends.some((end) => end.failpoint !== "");
  await until(async () => hasEnded() || (await process.isReady()), BACK_TIMEOUT_MS);
  await until(hasEnded, REACH_TIMEOUT_MS);
  // Not reached: it must not wait for the next run.
  if (!hasEnded()) process.kill();
}

async function until(isSo: () => boolean | Promise<boolean>, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await isSo()) && performance.now() < deadline) await delay(POLL_MS);
}
