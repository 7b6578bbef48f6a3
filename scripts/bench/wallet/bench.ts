import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateKeyRequest, DirectoryServiceService } from "../../../packages/contracts/src/index.ts";
import { createProviderSim } from "../../../packages/provider-sim/src/index.ts";
import { createClient, socketTransport } from "../../../packages/rpc/src/index.ts";
import { AdminClient, type HardLimits, type Tenant } from "../../cluster/admin-client.ts";
import { Cluster } from "../../cluster/cluster.ts";
import { Child } from "../child.ts";
import { measureBudgets, measureShare, type ShareFigures, type Way } from "./budgets.ts";
import { LEVELS, measureExactness, measureWaste, type ExactFigures } from "./exactness.ts";
import { measureLedger, type LedgerFigures } from "./ledger.ts";
import type { WalletReport } from "./report.ts";
import type { WalletSettings } from "./settings.ts";

/** What can be measured. */
export const PARTS = ["ledger", "budgets", "share", "exact", "waste"] as const;
type Part = (typeof PARTS)[number];

export interface WalletBenchOptions {
  readonly settings: WalletSettings;
  readonly parts: ReadonlySet<Part>;
  /** Tells whoever waits what is being done. */
  readonly say: (line: string) => void;
}

/** So high that nothing is refused. */
const PLENTY: HardLimits = { usd: 10n ** 17n, tokens: 10n ** 15n };
const KEYS_AT_ONCE = 32;

/** Starts what the parts need, measures, and stops it. @throws Error where something does not start or refuses requests */
export async function runWalletBench(options: WalletBenchOptions): Promise<WalletReport> {
  const startedAt = performance.now();
  const { settings, parts } = options;
  const ledger = parts.has("ledger") ? { ledger: await ledgerPart(options) } : {};
  const mesh = parts.has("budgets") || parts.has("share") ? await meshPart(options) : {};
  const bars = parts.has("exact") || parts.has("waste") ? await barPart(options) : {};
  return { settings, node: process.versions.node, tookMs: performance.now() - startedAt, ...ledger, ...mesh, ...bars };
}

async function ledgerPart({ settings, say }: WalletBenchOptions): Promise<LedgerFigures[]> {
  await using place = await temporaryPlace();
  const upstream = "http://127.0.0.1:9";
  await using cluster = await Cluster.start({ folder: place.folder, upstream, gateways: 0 });
  const figures: LedgerFigures[] = [];
  for (const organisations of settings.ledger.organisations) {
    say(`grants and settlements, ${organisations === 1 ? "one organisation" : `${organisations} organisations`}`);
    figures.push(await measureLedger(cluster, settings.ledger, organisations));
  }
  return figures;
}

/** The first gateway asks the wallet, the second one that grants everything from memory. */
async function meshPart({ settings, parts, say }: WalletBenchOptions): Promise<Partial<WalletReport>> {
  await using stack = new AsyncDisposableStack();
  const place = stack.use(await temporaryPlace());
  say("starting two gateways, one with budgets, one without");
  const upstream = stack.use(new Child("upstream.ts"));
  const token = `sk-alfred-service-${randomUUID()}`;
  const freeWallet = stack.use(new Child("wallet/free-wallet.ts", [token]));
  const freeAddress = new URL(await freeWallet.origin()).host;
  const cluster = stack.use(await Cluster.start({
    folder: place.folder,
    upstream: await upstream.origin(),
    gateways: 2,
    serviceToken: token,
    gatewayEnv: (number): NodeJS.ProcessEnv => (number === 2 ? { ALFRED_WALLET_ADDRESS: freeAddress } : {}),
  }));
  const generator = stack.use(new Child("load-generator.ts"));
  const mesh = { ...settings.mesh, seed: settings.seed };
  const tenant = await new AdminClient(cluster).createTenant({ organisation: PLENTY, team: PLENTY, keys: [PLENTY] });
  const secret = tenant.keys[0]?.secret ?? "";
  const on: Way = { origin: cluster.edges[0] ?? "", keys: [secret] };
  const off: Way = { origin: cluster.edges[1] ?? "", keys: [secret] };
  if (parts.has("budgets")) say(`budgets on against off, ${mesh.pairs} pairs`);
  const budgets = parts.has("budgets") ? { budgets: await measureBudgets(generator, { on, off }, mesh) } : {};
  if (!parts.has("share")) return budgets;
  say(`making ${mesh.keys} keys`);
  const many: Way = { ...on, keys: await createKeys(cluster, tenant, mesh.keys) };
  say("share of requests that need the wallet");
  const counters = { gateway: cluster.metricsUrl("gateway-1"), wallet: cluster.metricsUrl("wallet") };
  const share: ShareFigures[] = [];
  for (const [way, kind] of [[on, "closed"], [on, "open"], [many, "closed"], [many, "open"]] as const) {
    share.push(await measureShare(generator, way, counters, mesh, kind));
  }
  return { ...budgets, share };
}

async function barPart({ settings, parts, say }: WalletBenchOptions): Promise<Partial<WalletReport>> {
  await using stack = new AsyncDisposableStack();
  const place = stack.use(await temporaryPlace());
  say("starting two gateways on one budget");
  const provider = stack.use(createProviderSim());
  const cluster = stack.use(await Cluster.start({ folder: place.folder, upstream: await provider.listen(), gateways: 2 }));
  const exact: ExactFigures[] = [];
  for (const level of parts.has("exact") ? LEVELS : []) {
    for (const keys of level === "key" ? [1] : [1, 5]) {
      say(`${settings.exact.concurrent} at once on a budget for ${settings.exact.fits}, limit at the ${level}, ${keys} keys`);
      exact.push(await measureExactness(cluster, settings.exact, level, keys));
    }
  }
  if (parts.has("waste")) say(`worst cases ${settings.waste.ratio} times the cost`);
  const waste = parts.has("waste") ? { waste: await measureWaste(cluster, settings.waste) } : {};
  return { ...(exact.length === 0 ? {} : { exact }), ...waste };
}

/** The secrets of new keys with limits of their own; resolves when the gateways know them. */
async function createKeys(cluster: Cluster, { organisationId, teamId }: Tenant, count: number): Promise<string[]> {
  await using transport = socketTransport({ address: cluster.address("directory") });
  const directory = createClient(DirectoryServiceService, transport, { token: cluster.secrets.ALFRED_ROOT_KEY });
  const secrets: string[] = [];
  let begun = 0;
  const worker = async (): Promise<void> => {
    while (begun < count) {
      begun += 1;
      const { secret } = await directory.createKey(CreateKeyRequest.fromPartial({ requestId: randomUUID(), organisationId, parentId: teamId, name: "bench", limits: [{ unit: 1, period: 4, hard: 10n ** 15n }] }));
      secrets.push(secret);
    }
  };
  await Promise.all(Array.from({ length: KEYS_AT_ONCE }, worker));
  await new AdminClient(cluster).untilAccepted(secrets.at(-1) ?? "");
  return secrets;
}

async function temporaryPlace(): Promise<AsyncDisposable & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), "alfred-bench-"));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}
