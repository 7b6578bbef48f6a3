import { type Candidate, candidate } from "./candidate.ts";
import { Child } from "./child.ts";
import { type Load, measure, measureRounds } from "./measurement.ts";
import { type MeshCandidate, startMeshCandidate } from "./mesh-candidate.ts";
import { type Asked, chatBodies } from "./prompts.ts";
import type { Report } from "./report.ts";
import { latencies, revocationResult, throughputs, type RevocationResult } from "./results.ts";
import { measureRevocations } from "./revocation.ts";
import type { Settings } from "./settings.ts";

/** What can be measured. */
export const PARTS = ["requests", "back-to-back", "paced", "added-latency", "revocation"] as const;
export type Part = (typeof PARTS)[number];

/** Whether there is such a part. */
export function isPart(name: string): name is Part {
  return (PARTS as readonly string[]).includes(name);
}

/** What a run is told. */
export interface BenchOptions {
  readonly settings: Settings;
  readonly parts: readonly Part[];
  /** Where the meshes leave CPU profiles; none without it. */
  readonly profileFolder: string | undefined;
  /** Another work tree, whose meshes are measured beside this one's; none without it. */
  readonly before: string | undefined;
  /** Tells whoever waits what is being done. */
  readonly say: (line: string) => void;
}

/** What a run needs while it measures. */
interface Bench extends BenchOptions {
  readonly generator: Child;
  readonly candidates: readonly Candidate[];
  readonly meshes: readonly MeshCandidate[];
}

/** Starts all candidates, measures, and stops them. @throws Error where one does not start or refuses requests */
export async function runBench(options: BenchOptions): Promise<Report> {
  const startMs = performance.now();
  await using stack = new AsyncDisposableStack();
  const bench = await start(options, stack);
  await heat(bench);
  const measured = await measureParts(bench);
  const tookMs = performance.now() - startMs;
  return { settings: options.settings, node: process.versions.node, tookMs, ...measured };
}

async function start(options: BenchOptions, stack: AsyncDisposableStack): Promise<Bench> {
  const { profileFolder, say } = options;
  say("starting the upstream, the bare proxy and the mesh, once in one process and once in six");
  const upstream = stack.use(new Child("upstream.ts"));
  const upstreamOrigin = await upstream.origin();
  const proxy = stack.use(new Child("bare-proxy.ts", [upstreamOrigin]));
  const generator = stack.use(new Child("load-generator.ts"));
  const meshes: MeshCandidate[] = [];
  for (const root of options.before === undefined ? [undefined] : [undefined, options.before]) {
    for (const name of ["one process", "six processes"] as const) {
      meshes.push(stack.use(await startMeshCandidate({ name, before: root, upstream: upstreamOrigin, profileFolder })));
    }
  }
  const direct = candidate("upstream", upstreamOrigin, "none", upstream.pid);
  const bare = candidate("proxy", await proxy.origin(), "none", proxy.pid);
  const gateways = meshes.flatMap(({ gateway }) => gateway ?? []);
  return { ...options, generator, candidates: [direct, bare, ...meshes.map((mesh) => mesh.candidate), ...gateways], meshes };
}

/** Lets the compilers of all candidates see each kind of request before anything counts. */
async function heat({ generator, candidates, settings, say }: Bench): Promise<void> {
  say("warming up");
  const { requests, backToBack, heatMs } = settings;
  const whole = load(settings, requests.connections, {});
  const streamed = load(settings, backToBack.connections, backToBack);
  for (const one of candidates) {
    await measure(generator, one, whole, { warmMs: heatMs / 2, measureMs: heatMs / 2 });
    await measure(generator, one, streamed, { warmMs: 0, measureMs: heatMs / 3 });
  }
}

async function measureParts(bench: Bench): Promise<Partial<Report>> {
  const { generator, candidates, settings, parts, say } = bench;
  const { requests, backToBack, paced, addedLatency } = settings;
  const report: { -readonly [Name in keyof Report]?: Report[Name] } = {};
  if (parts.includes("requests")) {
    say("requests");
    report.requests = throughputs(await measureRounds(generator, candidates, load(settings, requests.connections, {}), requests), "requests");
  }
  if (parts.includes("back-to-back")) {
    say("streams back to back");
    const streams = load(settings, backToBack.connections, backToBack);
    report.backToBack = throughputs(await measureRounds(generator, candidates, streams, backToBack), "chunks");
  }
  if (parts.includes("paced")) {
    say("paced streams");
    const streams = load(settings, paced.connections, paced);
    report.paced = throughputs(await measureRounds(generator, candidates, streams, paced), "chunks");
  }
  if (parts.includes("added-latency")) {
    say("latency at a fixed rate");
    const { seed, requestBytes } = settings;
    const arrivals = { kind: "open", ratePerSecond: addedLatency.ratePerSecond, seed } as const;
    const even: Load = { bodies: chatBodies(seed, requestBytes, {}), arrivals };
    report.addedLatency = latencies(await measureRounds(generator, candidates, even, addedLatency));
  }
  if (parts.includes("revocation")) report.revocation = await revocations(bench);
  return report;
}

async function revocations({ meshes, settings, say }: Bench): Promise<readonly RevocationResult[]> {
  say("revocation");
  const { seed, requestBytes, revocation } = settings;
  const [body = ""] = chatBodies(seed, requestBytes, {});
  const results: RevocationResult[] = [];
  for (const mesh of meshes) {
    results.push(revocationResult(mesh.candidate.name, await measureRevocations(mesh, body, revocation.keys)));
  }
  return results;
}

function load({ seed, requestBytes }: Settings, connections: number, { chunks, gapMs }: Asked): Load {
  return { bodies: chatBodies(seed, requestBytes, { chunks, gapMs }), arrivals: { kind: "closed", connections } };
}
