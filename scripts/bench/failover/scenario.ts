import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { ConfigServiceService, ProviderKind, PutDeploymentRequest, PutProviderRequest } from "../../../packages/contracts/src/index.ts";
import type { Behaviour } from "../../../packages/provider-sim/src/index.ts";
import { createClient, socketTransport } from "../../../packages/rpc/src/index.ts";
import { Child } from "../child.ts";
import { DEMO_KEY, type MeshCandidate, ROOT_KEY, startMeshCandidate } from "../mesh-candidate.ts";
import { chatBodies } from "../prompts.ts";
import { type Sample, SteadyLoad } from "./load.ts";

/** What becomes of the first provider: its process is killed, or it behaves like this. */
type Fault = "killed" | Behaviour;

export interface Scenario {
  readonly name: string;
  readonly fault: Fault;
  /** Of the gateway, besides its defaults. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Durations in milliseconds. */
export interface FailoverSettings {
  readonly seed: number;
  readonly ratePerSecond: number;
  readonly warmMs: number;
  readonly faultMs: number;
  readonly recoveryMs: number;
}

/** What was seen. Times in milliseconds, as `performance.now()` tells them. */
export interface Outcome {
  readonly scenario: Scenario;
  readonly samples: readonly Sample[];
  readonly faultAtMs: number;
  readonly mendedAtMs: number;
}

/** The model that is asked for: the first provider serves it, and where that fails the second. */
const MODEL = "bench-chat";
/** How long either takes for an answer, so that some are always under way. */
const ANSWERS: Behaviour = { delayMs: 50 };
const CHANGE_TIMEOUT_MS = 10_000;
/** Beyond this an answer counts as none, in milliseconds. */
const PATIENCE_MS = 10_000;

export const FIRST = "openai";

/** Starts two providers and a mesh before them, breaks the first under load, and mends it again. */
export async function run(scenario: Scenario, { seed, ratePerSecond, warmMs, faultMs, recoveryMs }: FailoverSettings): Promise<Outcome> {
  await using stack = new AsyncDisposableStack();
  const [first, second] = [provider("0"), provider("0")];
  for (const child of [first, second]) stack.use(child);
  const [firstOrigin, secondOrigin] = [await first.origin(), await second.origin()];
  const mesh = stack.use(await startMeshCandidate({ name: "one process", upstream: firstOrigin, profileFolder: undefined, env: scenario.env }));
  await configure(mesh, secondOrigin);
  const bodies = chatBodies(seed, 2_048, {}).map((body) => JSON.stringify({ ...(JSON.parse(body) as object), model: MODEL }));
  const load = stack.use(new SteadyLoad({ origin: mesh.candidate.origin, key: DEMO_KEY, bodies, ratePerSecond, patienceMs: PATIENCE_MS }));
  await delay(warmMs);
  const faultAtMs = performance.now();
  await change(first, scenario.fault);
  await delay(faultMs);
  const mendedAtMs = performance.now();
  if (scenario.fault === "killed") await stack.use(provider(new URL(firstOrigin).port)).origin();
  else await change(first, ANSWERS);
  await delay(recoveryMs);
  return { scenario, samples: await load.end(), faultAtMs, mendedAtMs };
}

function provider(port: string): Child {
  return new Child("failover/provider.ts", [port, JSON.stringify(ANSWERS)]);
}

async function change(first: Child, fault: Fault): Promise<void> {
  if (fault === "killed") return first[Symbol.dispose]();
  const changed = first.message(CHANGE_TIMEOUT_MS);
  first.send(fault);
  await changed;
}

/** Gives the model to both, the second of which is the last resort, and waits until it is answered. */
async function configure({ directoryAddress, candidate: { origin } }: MeshCandidate, baseUrl: string): Promise<void> {
  await using transport = socketTransport({ address: directoryAddress });
  const config = createClient(ConfigServiceService, transport, { token: ROOT_KEY });
  const provided = { providerId: "second", kind: ProviderKind.PROVIDER_KIND_OPENAI, baseUrl: `${baseUrl}/v1`, priceBook: "openai", secret: "upstream-key-of-the-bench" };
  await config.putProvider({ ...PutProviderRequest.create({ requestId: randomUUID() }), ...provided });
  for (const [providerId, weight] of [[FIRST, 1], ["second", 0]] as const) {
    const deployment = { deploymentId: `at-${providerId}`, model: MODEL, providerId, upstreamModel: "gpt-4o-mini", weight };
    await config.putDeployment({ ...PutDeploymentRequest.create({ requestId: randomUUID() }), ...deployment });
  }
  const headers = { authorization: `Bearer ${DEMO_KEY}` };
  const giveUp = AbortSignal.timeout(CHANGE_TIMEOUT_MS);
  while (!(await fetch(`${origin}/v1/models/${MODEL}`, { headers, signal: giveUp })).ok) await delay(20);
}
