import {
  AccountKind,
  ConfigServiceService,
  Deployment,
  DirectoryServiceService,
  type HashedKey,
  Key,
  MeteringServiceService,
  ModelPrice,
  Node,
  Provider,
  ProviderKind,
  Role,
  type UsageRecord,
  WalletServiceService,
  type WatchConfigResponse,
  type WatchKeysResponse,
  type WatchPricesResponse,
} from "@alfred/contracts";
import { fail } from "@alfred/errors";
import { type Handlers, KeyRing, type RpcServer, type ServiceDefinition, createServer, implement } from "@alfred/rpc";
import { createLogger } from "@alfred/telemetry";
import { hash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { WalletPeer } from "./wallet-peer.ts";

export const SERVICE_TOKEN = "service-token-of-the-gateway-tests-01";
export const SECRET = "key-of-the-gateway-tests-000000000001";

const KINDS: ReadonlySet<unknown> = new Set(Object.values(ProviderKind));

/** How long records are waited for: less than a test may take, so that it says what is missing. */
const [POLL_MS, MOST_POLLS] = [5, 3_000];

type Event<Response extends { event?: unknown }> = NonNullable<Response["event"]>;

/** Handlers for the methods given; the others fail. */
function handlersOf<Service extends ServiceDefinition>(definition: Service, given: Partial<Handlers<Service>>): Handlers<Service> {
  const missing = async (): Promise<never> => {
    throw fail("INTERNAL", "The gateway does not call this.");
  };
  const all = Object.keys(definition).map((name) => [name, missing]);
  return { ...Object.fromEntries(all), ...given } as Handlers<Service>;
}

/** A feed that sends a snapshot and then what is pushed. */
class Feed<Response extends { event?: unknown }> {
  readonly #snapshot: Event<Response>[];
  #pushed: Event<Response>[] = [];
  #more = Promise.withResolvers<void>();
  /** Whether the snapshot is held back. */
  readonly #open: Promise<void>;

  constructor(snapshot: Event<Response>[], open: Promise<void> = Promise.resolve()) {
    this.#snapshot = snapshot;
    this.#open = open;
  }

  push(...events: Event<Response>[]): void {
    this.#pushed.push(...events);
    this.#more.resolve();
    this.#more = Promise.withResolvers<void>();
  }

  async *watch(signal: AbortSignal): AsyncGenerator<Response> {
    const wrap = (event: unknown): Response => ({ event }) as Response;
    const ended = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    await Promise.race([this.#open, ended]);
    yield wrap({ $case: "snapshotStarted", value: {} });
    for (const event of this.#snapshot) yield wrap(event);
    for (let sent = 0, revision = 1n; !signal.aborted; revision += 1n) {
      for (; sent < this.#pushed.length; sent += 1) yield wrap(this.#pushed[sent]);
      yield wrap({ $case: "synced", value: { revision } });
      await Promise.race([this.#more.promise, ended]);
    }
  }
}

/** What the peers start with. */
export interface PeerOptions {
  readonly providers: readonly (Partial<Provider> & { id: string; baseUrl: string; secret?: string })[];
  readonly deployments?: readonly { id: string; model: string; providerId: string; upstreamModel: string; weight?: number }[];
  readonly prices?: readonly Partial<ModelPrice>[];
  readonly keys?: readonly HashedKey[];
  /** The models of nodes, by their ids; the others allow all. */
  readonly allowedModels?: Readonly<Record<string, string[]>>;
  /** What one budget allows, in nano-dollars. */
  readonly budget?: bigint;
  /** By what ids are sealed; one of these tests' own unless stated, and null where the directory tells none. */
  readonly sealingKey?: Buffer | null;
  /** Holds back the first sync of the configuration. */
  readonly configOpen?: Promise<void>;
}

/** A dollar per million tokens in, two out. */
const PRICES: readonly Partial<ModelPrice>[] = [
  {
    provider: "openai", model: "gpt-4o-mini", contextWindow: 128_000n, maxOutputTokens: 16_384n, aliases: ["gpt-4o-mini-2024-07-18"],
    meters: [price("input_tokens", 1_000_000_000n), price("cache_read_tokens", 500_000_000n), price("output_tokens", 2_000_000_000n)],
  },
  { provider: "openai", model: "text-embedding-3-small", meters: [price("input_tokens", 20_000_000n)] },
  { provider: "openai", model: "free-model", free: true, contextWindow: 8_192n },
  { provider: "openai", model: "flat-model", meters: [price("input_tokens", 0n), price("output_tokens", 0n), price("requests", 1_000n, 1n)] },
];

/** A price per million tokens. */
export function price(meter: string, nanos: bigint, per = 1_000_000n): ModelPrice["meters"][number] {
  return { meter, nanos, per, tiers: [] };
}

/** A key under team and user, with its secret's hash. */
export function keyOf(id: string, secret: string, fields: Partial<Key> = {}): HashedKey {
  const accounts = [
    { id, kind: AccountKind.ACCOUNT_KIND_KEY, initialLimits: [] },
    { id: "user_1", kind: AccountKind.ACCOUNT_KIND_USER, initialLimits: [] },
    { id: "team_1", kind: AccountKind.ACCOUNT_KIND_TEAM, initialLimits: [] },
    { id: "org_1", kind: AccountKind.ACCOUNT_KIND_ORGANISATION, initialLimits: [] },
  ];
  const path = { organisationId: "org_1", timeZone: "UTC", accounts };
  const key = Key.create({ id, organisationId: "org_1", role: Role.ROLE_USER, path, ...fields });
  return { key, secretSha256: hash("sha256", secret, "buffer") };
}

/** A node that allows these models, as WatchKeys tells of it. */
export function nodeEvent(id: string, kind: AccountKind, allowedModels: string[] = []): Event<WatchKeysResponse> {
  return { $case: "node", value: Node.create({ id, kind, organisationId: "org_1", name: id, allowedModels }) };
}

function nodeEvents(keys: readonly HashedKey[], { allowedModels = {} }: PeerOptions): Event<WatchKeysResponse>[] {
  const above = keys.flatMap(({ key }) => key?.path?.accounts.slice(1) ?? []);
  const kinds = new Map(above.map(({ id, kind }) => [id, kind]));
  return [...kinds].map(([id, kind]) => nodeEvent(id, kind, allowedModels[id]));
}

/** The peers of a gateway in one process: what the contract promises, with one budget in memory. */
export class Peers implements AsyncDisposable {
  readonly server: RpcServer;
  readonly keys: Feed<WatchKeysResponse>;
  /** The keys that it began with. */
  readonly hashedKeys: readonly HashedKey[];
  readonly config: Feed<WatchConfigResponse>;
  readonly prices: Feed<WatchPricesResponse>;
  /** Records acknowledged, each once. */
  readonly records = new Map<string, UsageRecord>();
  readonly wallet: WalletPeer;
  /** How RecordUsage is disturbed before it is served. */
  before: { recordUsage?: () => Promise<void> } = {};

  constructor(options: PeerOptions) {
    this.wallet = new WalletPeer(options.budget ?? 1_000_000_000_000n);
    this.hashedKeys = options.keys ?? [keyOf("key_1", SECRET)];
    this.keys = new Feed([...nodeEvents(this.hashedKeys, options), ...this.hashedKeys.map((value) => ({ $case: "key" as const, value }))]);
    this.config = new Feed(configEvents(options), options.configOpen);
    const prices = (options.prices ?? PRICES).map((value) => ModelPrice.create(value));
    this.prices = new Feed(prices.map((value) => ({ $case: "price", value })));
    const authenticate = new KeyRing({ serviceToken: SERVICE_TOKEN }).authenticate;
    const log = createLogger({ name: "peers", level: "silent", destination: { write: () => undefined } });
    this.server = createServer({ name: "peers", bindings: this.#bindings(), authenticate, log, drainMs: 100 });
  }

  /** Resolves once so many records were acknowledged, which is soon or never. @throws Error with those that were */
  async recorded(count: number): Promise<UsageRecord[]> {
    for (let polls = 0; this.records.size < count; polls += 1) {
      if (polls === MOST_POLLS) throw new Error(`${count} records were expected, and these came: ${[...this.records.keys()].join(", ") || "none"}.`);
      await pause(POLL_MS);
    }
    return [...this.records.values()].toSorted((left, right) => (left.recordId < right.recordId ? -1 : 1));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
  }

  #bindings(): ReturnType<typeof implement>[] {
    return [
      implement(DirectoryServiceService, handlersOf(DirectoryServiceService, { watchKeys: (_, { signal }) => this.keys.watch(signal) })),
      implement(ConfigServiceService, handlersOf(ConfigServiceService, { watchConfig: (_, { signal }) => this.config.watch(signal) })),
      implement(MeteringServiceService, handlersOf(MeteringServiceService, {
        watchPrices: (_, { signal }) => this.prices.watch(signal),
        recordUsage: async ({ records }) => {
          await this.before.recordUsage?.();
          for (const record of records) this.records.set(record.recordId, record);
          return { recorded: records.length, duplicates: 0 };
        },
      })),
      implement(WalletServiceService, handlersOf(WalletServiceService, {
        watchLeases: (request, { signal }) => this.wallet.watch(request, signal),
        acquireLease: (request) => this.wallet.acquire(request),
        settleUsage: (request) => this.wallet.settle(request),
        reserve: (request) => this.wallet.reserve(request),
      })),
    ];
  }
}

function configEvents({ providers, deployments = [], sealingKey = Buffer.alloc(32, 7) }: PeerOptions): Event<WatchConfigResponse>[] {
  return [
    ...(sealingKey === null ? [] : [{ $case: "sealingKey" as const, value: sealingKey }]),
    ...providers.map(({ secret = "", ...fields }) => {
      const openai = { kind: ProviderKind.PROVIDER_KIND_OPENAI, priceBook: "openai" };
      if (fields.kind !== undefined && !KINDS.has(fields.kind)) throw new TypeError(`"${String(fields.kind)}" is no ProviderKind.`);
      return { $case: "provider" as const, value: { provider: Provider.create({ ...openai, ...fields, hasSecret: secret !== "" }), secret } };
    }),
    ...deployments.map((value) => ({ $case: "deployment" as const, value: Deployment.create(value) })),
  ];
}
