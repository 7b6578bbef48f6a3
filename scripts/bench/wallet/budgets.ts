import type { Child } from "../child.ts";
import type { LoadMessage, LoadResult, LoadTask } from "../load/task.ts";
import { chatBodies } from "../prompts.ts";
import { quantile, type Spread, spreadOf } from "../statistics.ts";
import type { WalletSettings } from "./settings.ts";
import { callsBetween, rpcCalls } from "./rpc-calls.ts";

/** One way to the provider: an edge and the keys used there. */
export interface Way {
  readonly origin: string;
  readonly keys: readonly string[];
}

/** Budgets on against off, pair by pair, each pair measured one right after the other. */
export interface BudgetFigures {
  readonly pairs: number;
  readonly onPerSecond: Spread;
  readonly offPerSecond: Spread;
  /** Of on to off within a pair. */
  readonly ratio: Spread;
  /** Milliseconds that budgets add to the median answer, and to the 99th percentile, at a fixed rate. */
  readonly addedP50Ms: Spread;
  readonly addedP99Ms: Spread;
}

/** How many requests needed the wallet. */
export interface ShareFigures {
  readonly keys: number;
  readonly load: string;
  readonly requests: number;
  /** Of the requests, those for which credit was asked. */
  readonly acquires: number;
  readonly settleCalls: number;
  readonly reserves: number;
}

type MeshSettings = WalletSettings["mesh"] & Pick<WalletSettings, "seed">;

const REQUEST_BYTES = 2_048;
const MARGIN_MS = 60_000;
/** Most a loaded mesh lets pass before it is as fast as it gets. */
const HEAT_MS = 5_000;

/** Measures pairs in turn, every other one with off before on. */
export async function measureBudgets(generator: Child, ways: { readonly on: Way; readonly off: Way }, settings: MeshSettings): Promise<BudgetFigures> {
  for (const way of [ways.on, ways.off]) await putLoad(generator, way, settings, { ...closed(settings), measureMs: HEAT_MS });
  const pairs: { readonly on: Round; readonly off: Round }[] = [];
  for (let pair = 0; pair < settings.pairs; pair += 1) {
    const isOnFirst = pair % 2 === 0;
    const first = await measureWay(generator, isOnFirst ? ways.on : ways.off, settings);
    const second = await measureWay(generator, isOnFirst ? ways.off : ways.on, settings);
    pairs.push(isOnFirst ? { on: first, off: second } : { on: second, off: first });
  }
  return {
    pairs: pairs.length,
    onPerSecond: spreadOf(pairs.map(({ on }) => on.perSecond)),
    offPerSecond: spreadOf(pairs.map(({ off }) => off.perSecond)),
    ratio: spreadOf(pairs.map(({ on, off }) => on.perSecond / off.perSecond)),
    addedP50Ms: spreadOf(pairs.map(({ on, off }) => on.p50Ms - off.p50Ms)),
    addedP99Ms: spreadOf(pairs.map(({ on, off }) => on.p99Ms - off.p99Ms)),
  };
}

/** Where calls are counted. */
export interface CallCounters {
  readonly gateway: string;
  readonly wallet: string;
}

/** Counts the wallet's calls while a load runs on one way, and the gateway's, those that end after the load included. */
export async function measureShare(generator: Child, way: Way, counters: CallCounters, settings: MeshSettings, kind: "closed" | "open"): Promise<ShareFigures> {
  const task = kind === "closed" ? closed(settings) : open(settings);
  // What many keys need first is not what they need from then on.
  await putLoad(generator, way, settings, task);
  const before = await countCalls(counters);
  await putLoad(generator, way, settings, { ...task, warmMs: 0, measureMs: 2 * settings.measureMs });
  const after = await countCalls(counters);
  return {
    keys: way.keys.length,
    load: kind === "closed" ? `${settings.connections} connections` : `${settings.ratePerSecond} a second`,
    requests: callsBetween(before.gateway, after.gateway, "CreateChatCompletion"),
    acquires: callsBetween(before.wallet, after.wallet, "AcquireLease"),
    settleCalls: callsBetween(before.wallet, after.wallet, "SettleUsage"),
    reserves: callsBetween(before.wallet, after.wallet, "Reserve"),
  };
}

type Counts = ReadonlyMap<string, number>;

async function countCalls({ gateway, wallet }: CallCounters): Promise<Record<keyof CallCounters, Counts>> {
  return { gateway: await rpcCalls(gateway), wallet: await rpcCalls(wallet) };
}

interface Round {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

async function measureWay(generator: Child, way: Way, settings: MeshSettings): Promise<Round> {
  const { requests, elapsedMs } = await putLoad(generator, way, settings, closed(settings));
  const { latenciesMs } = await putLoad(generator, way, settings, open(settings));
  const sorted = latenciesMs.toSorted((one, other) => one - other);
  return { perSecond: (requests / elapsedMs) * 1_000, p50Ms: quantile(sorted, 0.5), p99Ms: quantile(sorted, 0.99) };
}

type Shape = Pick<LoadTask, "arrivals" | "warmMs" | "measureMs">;

function closed({ connections, warmMs, measureMs }: MeshSettings): Shape {
  return { arrivals: { kind: "closed", connections }, warmMs, measureMs };
}

function open({ ratePerSecond, seed, warmMs, measureMs }: MeshSettings): Shape {
  return { arrivals: { kind: "open", ratePerSecond, seed }, warmMs, measureMs };
}

/** @throws Error where a request failed: the figures would be of something else */
async function putLoad(generator: Child, { origin, keys }: Way, { seed }: MeshSettings, shape: Shape): Promise<LoadResult> {
  generator.send({ ...shape, origin, key: keys[0] ?? "", keys, bodies: chatBodies(seed, REQUEST_BYTES, {}) } satisfies LoadTask);
  let result: LoadResult | undefined;
  for (;;) {
    const message = (await generator.message(shape.warmMs + shape.measureMs + MARGIN_MS)) as LoadMessage;
    if (message.event === "end") ({ result } = message);
    if (message.event === "drained") break;
  }
  if (result === undefined) throw new Error("The load generator told no result.");
  if (result.failures > 0) throw new Error(`${result.failures} requests failed; the first: ${result.firstFailure}`);
  return result;
}
