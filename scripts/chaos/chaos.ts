import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createProviderSim, type ProviderSim } from "../../packages/provider-sim/src/index.ts";
import { Cluster } from "../cluster/cluster.ts";
import { brokenRun, runOnce, type Verdict } from "./run.ts";

const GATEWAYS = 2;
/** More than a run ever asks. */
const PROVIDER_LOG = 100_000;

export interface ChaosOptions {
  readonly runs: number;
  /** Of the first run; those after count up from it. */
  readonly seed: number;
  /** Told of each run as it ends, with the folder where its logs are kept if it failed. */
  readonly tell: (verdict: Verdict, folder: string | undefined) => void;
}

/** Runs one after the other on one mesh; one that fails leaves its folder, and the next starts on a new one. */
export async function runChaos({ runs, seed, tell }: ChaosOptions): Promise<Verdict[]> {
  await using provider = createProviderSim({ requestLogSize: PROVIDER_LOG });
  const upstream = await provider.listen();
  const verdicts: Verdict[] = [];
  while (verdicts.length < runs) verdicts.push(...(await runUntilFailure(provider, upstream, { runs: runs - verdicts.length, seed: seed + verdicts.length, tell })));
  return verdicts;
}

async function runUntilFailure(provider: ProviderSim, upstream: string, { runs, seed, tell }: ChaosOptions): Promise<Verdict[]> {
  const folder = await mkdtemp(join(tmpdir(), "alfred-chaos-"));
  const verdicts: Verdict[] = [];
  {
    await using cluster = await Cluster.start({ folder, upstream, gateways: GATEWAYS });
    while (verdicts.length < runs && verdicts.every(({ problems }) => problems.length === 0)) {
      const run = seed + verdicts.length;
      const verdict = await runOnce(cluster, provider, run).catch((error: unknown) => brokenRun(run, error));
      verdicts.push(verdict);
      tell(verdict, verdict.problems.length === 0 ? undefined : folder);
    }
  }
  if (verdicts.every(({ problems }) => problems.length === 0)) await rm(folder, { recursive: true, force: true });
  return verdicts;
}
