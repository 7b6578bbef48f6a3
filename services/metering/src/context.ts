import { fileURLToPath } from "node:url";
import { MeteringServiceService } from "@alfred/contracts";
import type { EventBus } from "@alfred/nats";
import { createPool, Database, type DatabasePlace, type DatabasePool, Listener, migrate, OutboxRelay } from "@alfred/postgres";
import { Broadcast, createServer, type Delta, implement, KeyRing, type RpcServer, type ServiceBinding, type Transport } from "@alfred/rpc";
import type { Logger, MetricRegistry } from "@alfred/telemetry";
import type { MeteringConfig } from "./config.ts";
import type { UsageHistory } from "./domain/usage.ts";
import { keepUsage } from "./keep-usage.ts";
import { createMeteringMetrics } from "./metrics.ts";
import { loadPrices } from "./prices.ts";
import { estimateCost } from "./rpc/estimate-cost.ts";
import { getExperimentResults } from "./rpc/get-experiment-results.ts";
import { queryUsage } from "./rpc/query-usage.ts";
import { recordUsage } from "./rpc/record-usage.ts";
import { type PriceEvent, watchPrices } from "./rpc/watch-prices.ts";
import { watchUsage } from "./rpc/watch-usage.ts";
import { sumArms } from "./store/arm-sums.ts";
import { headSequence, recordsAfter } from "./store/usage-reader.ts";
import { USAGE_CHANNEL } from "./store/usage-writer.ts";
import { sumUsage } from "./store/usage-sums.ts";

/** What whoever composes the mesh hands to metering. */
export interface MeteringParts {
  readonly databaseUrl: string;
  /** Where the outbox is published to. */
  readonly bus: EventBus;
  /** The way to the directory, whose keys say who asks. */
  readonly directory: Transport;
  readonly log: Logger;
  readonly registry: MetricRegistry;
  /** Milliseconds since the epoch; the system's clock unless given. */
  readonly now?: () => number;
}

/** All that the service is made of. */
export interface MeteringContext {
  readonly pool: DatabasePool;
  readonly database: Database;
  readonly keys: KeyRing;
  readonly server: RpcServer;
  /** Hears which organisations have new records, from whichever process wrote them. */
  readonly listener: Listener;
  startRelay(): OutboxRelay;
}

const SCHEMA = "metering";
const MIGRATIONS = fileURLToPath(new URL("store/migrations", import.meta.url));
/** Quiet watches say so this often; below the five seconds that watch.proto promises. */
const HEARTBEAT_MS = 2500;
/** Connections for calls, one for the outbox's relay and one for the listener. */
const MAX_CONNECTIONS = 12;

/** Brings the database up to date, loads the price book and puts the service together. */
export async function createContext(config: MeteringConfig, parts: MeteringParts): Promise<MeteringContext> {
  const { databaseUrl, bus, log, registry, now = Date.now } = parts;
  const place: DatabasePlace = { url: databaseUrl, schema: SCHEMA, role: `alfred_${SCHEMA}` };
  await migrate({ ...place, directory: MIGRATIONS, outbox: true, log });
  await using cleanup = new AsyncDisposableStack();
  const pool = cleanup.use(createPool({ ...place, log, maxConnections: MAX_CONNECTIONS }));
  const database = new Database(pool);
  const listener = cleanup.use(new Listener({ pool, channel: USAGE_CHANNEL, log }));
  const keys = new KeyRing({ serviceToken: config.serviceToken, now });
  const bindings = [await bindMetering(config, database, listener, { ...parts, now })];
  const server = createServer({ name: SCHEMA, bindings, authenticate: keys.authenticate, log, registry, now });
  cleanup.move();
  return {
    pool,
    database,
    keys,
    server,
    listener,
    startRelay: () => new OutboxRelay({ pool, schema: SCHEMA, publish: (event) => bus.publish(event), log }),
  };
}

async function bindMetering(config: MeteringConfig, database: Database, listener: Listener, parts: Required<MeteringParts>): Promise<ServiceBinding> {
  const { now, registry } = parts;
  const metrics = createMeteringMetrics(registry);
  const prices = await loadPrices(database, config.pricesFile);
  parts.log.info({ models: prices.book.size, revision: String(prices.revision) }, "the price book is loaded");
  const history = usageHistory(database, listener);
  const priceChanges = new Broadcast<Delta<PriceEvent>>();
  return implement(MeteringServiceService, {
    estimateCost: (request) => estimateCost({ prices, now }, request),
    recordUsage: (request) => recordUsage({ keep: (records, cause) => keepUsage(database.transact, records, cause), metrics, now }, request),
    queryUsage: (request, context) => queryUsage({ sum: (query, most) => sumUsage(database, query, most), metrics, now }, request, context),
    getExperimentResults: (request, context) => getExperimentResults({ sum: (query) => sumArms(database, query), metrics, now }, request, context),
    watchUsage: (request, context) => watchUsage({ history, heartbeatMs: HEARTBEAT_MS }, request, context),
    watchPrices: (request, context) => watchPrices({ prices, priceChanges, heartbeatMs: HEARTBEAT_MS }, request, context),
  });
}

function usageHistory(database: Database, listener: Listener): UsageHistory {
  return {
    head: (organisationId) => headSequence(database, organisationId),
    after: (organisationId, sequence, most) => recordsAfter(database, organisationId, sequence, most),
    listen: (organisationId) => listener.next(organisationId),
  };
}
