import { fileURLToPath } from "node:url";

import { AuditServiceService } from "@alfred/contracts";
import type { EventBus } from "@alfred/nats";
import { createPool, Database, Listener, migrate } from "@alfred/postgres";
import type { DatabasePlace, DatabasePool } from "@alfred/postgres";
import { createServer, implement, KeyRing } from "@alfred/rpc";
import type { RpcServer, Transport } from "@alfred/rpc";
import type { Logger, MetricRegistry } from "@alfred/telemetry";

import { Checkpointer } from "./checkpointer.ts";
import type { AuditConfig } from "./config.ts";
import type { Audit, Chains } from "./domain/ports.ts";
import { takeIn } from "./intake.ts";
import { createAuditMetrics } from "./metrics.ts";
import { listEvents } from "./rpc/list-events.ts";
import { verifyChain } from "./rpc/verify-chain.ts";
import { watchEvents } from "./rpc/watch-events.ts";
import { LINK_CHANNEL } from "./store/append.ts";
import { CheckpointFiles } from "./store/checkpoint-files.ts";
import { readHead, readLinks } from "./store/links.ts";

/** What whoever composes the mesh hands to audit. */
export interface AuditParts {
  readonly databaseUrl: string;
  /** Where events come from. */
  readonly bus: EventBus;
  /** The way to the directory, whose keys say who asks. */
  readonly directory: Transport;
  readonly log: Logger;
  readonly registry: MetricRegistry;
  /** Milliseconds since the epoch; the system's clock unless given. */
  readonly now?: () => number;
}

/** All that the service is made of. */
export interface AuditContext {
  readonly database: Database;
  readonly listener: Listener;
  readonly pool: DatabasePool;
  readonly keys: KeyRing;
  readonly server: RpcServer;
  startCheckpointer(): Checkpointer;
  startIntake(checkpointer: Checkpointer): AsyncDisposable;
}

const SCHEMA = "audit";
const MIGRATIONS = fileURLToPath(new URL("store/migrations", import.meta.url));

/** Brings the database up to date and puts the service together. */
export async function createContext(config: AuditConfig, parts: AuditParts): Promise<AuditContext> {
  const { databaseUrl, bus, log, registry, now = Date.now } = parts;
  const place: DatabasePlace = { url: databaseUrl, schema: SCHEMA, role: `alfred_${SCHEMA}` };
  await migrate({ ...place, directory: MIGRATIONS, log });
  await using cleanup = new AsyncDisposableStack();
  const checkpoints = new CheckpointFiles(config.checkpointFolder);
  await checkpoints.prepare();
  const pool = cleanup.use(createPool({ ...place, log }));
  const database = new Database(pool);
  const listener = cleanup.use(new Listener({ pool, channel: LINK_CHANNEL, log }));
  const metrics = createAuditMetrics(registry);
  const keys = new KeyRing({ serviceToken: config.serviceToken, now });
  const chains: Chains = {
    head: (organisation) => readHead(database, organisation),
    links: (organisation, after, most) => readLinks(database, organisation, after, most),
    growth: (organisation) => listener.next(organisation),
  };
  const audit: Audit = { chains, checkpoints: (organisation) => checkpoints.read(organisation) };
  const binding = implement(AuditServiceService, {
    listEvents: (request, call) => listEvents(audit, request, call),
    watchEvents: (request, call) => watchEvents(audit, request, call),
    verifyChain: (request, call) => verifyChain(audit, request, call),
  });
  const server = createServer({ name: SCHEMA, bindings: [binding], authenticate: keys.authenticate, log, registry, now });
  cleanup.move();
  return {
    database,
    listener,
    pool,
    keys,
    server,
    startCheckpointer: () => new Checkpointer({ database, files: checkpoints, metrics, log, now }),
    startIntake: (checkpointer) =>
      bus.consumeBatches((batch) => takeIn({ database, checkpointer, metrics, log, now }, batch)),
  };
}
