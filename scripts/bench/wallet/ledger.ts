import type { AccountPath } from "../../../packages/contracts/src/index.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { seededRandom } from "../random.ts";
import { type Spread, spreadOf } from "../statistics.ts";
import { BenchGateway, type BenchLease, benchPaths } from "./bench-gateway.ts";
import type { WalletSettings } from "./settings.ts";

/** What the ledger does in a second, on Postgres as in production: every answer comes after its commit is on the disk. */
export interface LedgerFigures {
  readonly organisations: number;
  readonly keys: number;
  /** First acquires, which open the key's accounts. */
  readonly firstGrants: number;
  readonly grants: Spread;
  readonly settlements: Spread;
  readonly records: Spread;
}

type LedgerSettings = WalletSettings["ledger"];

const SETTLE_CALLS = 16;

/** Measures grants alone and settlements alone, in turn. */
export async function measureLedger(cluster: Cluster, settings: LedgerSettings, organisations: number): Promise<LedgerFigures> {
  await using gateway = await BenchGateway.start(cluster.address("wallet"), cluster.secrets.ALFRED_SERVICE_TOKEN);
  const paths = benchPaths(settings.keys, organisations);
  const opening = await timed(() => grantEach(gateway, paths, settings.inFlight));
  await settleAll(gateway, opening.value, settings);
  const rounds: { readonly granted: number; readonly grantMs: number; readonly settleMs: number }[] = [];
  const random = seededRandom(organisations);
  for (let round = 0; round < settings.rounds; round += 1) {
    const { value: leases, tookMs: grantMs } = await timed(() => grantFor(gateway, paths, settings, random));
    const { tookMs: settleMs } = await timed(() => settleAll(gateway, leases, settings));
    rounds.push({ granted: leases.length, grantMs, settleMs });
  }
  const perSecond = (of: (round: (typeof rounds)[number]) => number): Spread => spreadOf(rounds.map((round) => of(round) * 1_000));
  return {
    organisations,
    keys: settings.keys,
    firstGrants: (paths.length / opening.tookMs) * 1_000,
    grants: perSecond(({ granted, grantMs }) => granted / grantMs),
    settlements: perSecond(({ granted, settleMs }) => granted / settleMs),
    records: perSecond(({ granted, settleMs }) => (granted * settings.recordsPerSettlement) / settleMs),
  };
}

async function grantEach(gateway: BenchGateway, paths: readonly AccountPath[], inFlight: number): Promise<BenchLease[]> {
  const leases: BenchLease[] = [];
  const waiting = [...paths];
  await together(inFlight, async () => {
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) leases.push(await gateway.acquire(path));
  });
  return leases;
}

async function grantFor(gateway: BenchGateway, paths: readonly AccountPath[], { grantMs, inFlight }: LedgerSettings, random: () => number): Promise<BenchLease[]> {
  const leases: BenchLease[] = [];
  const end = performance.now() + grantMs;
  await together(inFlight, async () => {
    while (performance.now() < end) {
      const path = paths[Math.floor(random() * paths.length)];
      if (path !== undefined) leases.push(await gateway.acquire(path));
    }
  });
  return leases;
}

async function settleAll(gateway: BenchGateway, leases: readonly BenchLease[], { settlementsPerCall, recordsPerSettlement }: LedgerSettings): Promise<void> {
  let next = 0;
  await together(SETTLE_CALLS, async () => {
    while (next < leases.length) {
      const batch = leases.slice(next, next + settlementsPerCall);
      next += settlementsPerCall;
      await gateway.settle(batch, recordsPerSettlement);
    }
  });
}

function together(count: number, work: () => Promise<void>): Promise<unknown> {
  return Promise.all(Array.from({ length: count }, work));
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly tookMs: number }> {
  const startedAt = performance.now();
  const value = await work();
  return { value, tookMs: performance.now() - startedAt };
}
