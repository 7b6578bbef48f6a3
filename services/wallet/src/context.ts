import { fileURLToPath } from "node:url";
import type { EventBus } from "@alfred/nats";
import { appendEvents, createPool, Database, migrate, OutboxRelay } from "@alfred/postgres";
import type { DatabasePlace, DatabasePool } from "@alfred/postgres";
import { createServer, KeyRing } from "@alfred/rpc";
import type { RpcServer, Transport } from "@alfred/rpc";
import type { Logger, MetricRegistry } from "@alfred/telemetry";
import { ActiveGateways } from "./active-gateways.ts";
import { AccountFeed } from "./account-feed.ts";
import { Arrivals } from "./arrivals.ts";
import { BatchExecutor } from "./batch-executor.ts";
import type { WalletConfig } from "./config.ts";
import { DirectoryFeed } from "./directory-feed.ts";
import { createCalendar } from "./domain/window.ts";
import { toOutbox } from "./events.ts";
import { ExpirySweep } from "./expiry-sweep.ts";
import { GatewayWatches } from "./gateway-watches.ts";
import { LeaseDesk } from "./lease-desk.ts";
import { createWalletMetrics } from "./metrics.ts";
import type { WalletMetrics } from "./metrics.ts";
import { bindWallet } from "./rpc/bind.ts";
import { AccountReader } from "./store/account-reader.ts";
import { GatewayReader } from "./store/gateway-reader.ts";
import { LeaseReader } from "./store/lease-reader.ts";
import { LedgerAudit } from "./store/ledger-audit.ts";
import { Ledger } from "./store/ledger.ts";
import type { Commit } from "./store/ledger.ts";
import { SuspenseReader } from "./store/suspense-reader.ts";
import { TotalsReader } from "./store/totals-reader.ts";
import { TransferReader } from "./store/transfer-reader.ts";

/** What whoever composes the mesh hands to the wallet. */
export interface WalletParts {
  readonly databaseUrl: string;
  readonly bus: EventBus;
  /** The way to the directory, which says who there is. */
  readonly directory: Transport;
  readonly log: Logger;
  readonly registry: MetricRegistry;
  /** Milliseconds since the epoch; the system's clock unless stated. */
  readonly now?: () => number;
}

/** All that the service is made of. */
export interface WalletContext {
  readonly pool: DatabasePool;
  readonly auditPool: DatabasePool;
  readonly database: Database;
  readonly keys: KeyRing;
  readonly executor: BatchExecutor<Commit>;
  readonly feed: AccountFeed;
  readonly desk: LeaseDesk;
  readonly gateways: GatewayWatches;
  readonly sweep: ExpirySweep;
  readonly server: RpcServer;
  startRelay(): OutboxRelay;
  startDirectoryFeed(): DirectoryFeed;
}

const SCHEMA = "wallet";
/** Checks of the ledger may read for minutes, and not many at once; the others wait. */
const AUDIT_POOL = { maxConnections: 2, statementTimeoutMs: 300_000, connectionTimeoutMs: 300_000 };
const MIGRATIONS = fileURLToPath(new URL("store/migrations", import.meta.url));

/** Brings the database up to date and puts the service together. */
export async function createContext(config: WalletConfig, parts: WalletParts): Promise<WalletContext> {
  const { databaseUrl, bus, log, registry, now = Date.now } = parts;
  const place: DatabasePlace = { url: databaseUrl, schema: SCHEMA, role: `alfred_${SCHEMA}` };
  await migrate({ ...place, directory: MIGRATIONS, outbox: true, log });
  await using cleanup = new AsyncDisposableStack();
  const pool = cleanup.use(createPool({ ...place, log }));
  const auditPool = cleanup.use(createPool({ ...place, ...AUDIT_POOL, log }));
  const database = new Database(pool);
  const metrics = createWalletMetrics(registry);
  const books = createBooks(config, { pool, auditPool, database, metrics, now, log });
  const keys = new KeyRing({ serviceToken: config.serviceToken, now });
  const { leaseTtlMs, leaseGraceMs } = config;
  const binding = bindWallet({ ...books, changes: books.feed, operations: books.executor, counter: metrics, leaseTtlMs, leaseGraceMs, now });
  const server = createServer({ name: SCHEMA, bindings: [binding], authenticate: keys.authenticate, log, registry, now });
  cleanup.move();
  return {
    pool,
    auditPool,
    database,
    keys,
    server,
    ...books,
    startRelay: () => new OutboxRelay({ pool, schema: SCHEMA, publish: (event) => bus.publish(event), log }),
    startDirectoryFeed: () => new DirectoryFeed({ ring: keys, operations: books.executor, log }),
  };
}

interface BookParts {
  readonly pool: DatabasePool;
  readonly auditPool: DatabasePool;
  readonly database: Database;
  readonly metrics: WalletMetrics;
  readonly now: () => number;
  readonly log: Logger;
}

interface Books {
  readonly executor: BatchExecutor<Commit>;
  readonly desk: LeaseDesk;
  readonly gateways: GatewayWatches;
  readonly accounts: AccountReader;
  readonly leases: LeaseReader;
  readonly audit: LedgerAudit;
  readonly suspense: SuspenseReader;
  readonly arrivals: Arrivals;
  readonly transfers: TransferReader;
  readonly feed: AccountFeed;
  readonly sweep: ExpirySweep;
}

function createBooks({ maxBatch, maxQueue, sweepEveryMs, leaseTtlMs, leaseGraceMs }: WalletConfig, { pool, auditPool, database, metrics, now, log }: BookParts): Books {
  const calendar = createCalendar();
  const accounts = new AccountReader({ sql: database, now, calendar });
  const leases = new LeaseReader(database);
  const feed = new AccountFeed({ accounts, log });
  const failoverPauseMs = leaseTtlMs + leaseGraceMs;
  const ledger = new Ledger({ pool, now, calendar, failoverPauseMs, log, appendEvents: (sql, events) => appendEvents(sql, events.map(toOutbox)) });
  const arrivals = new Arrivals();
  const gateways = new GatewayWatches({ books: new GatewayReader(database), now, log });
  // What a commit did is told here alone, after it: nobody ever hears of what may not have happened.
  const onCommit = (commit: Commit): void => {
    feed.touch(commit.touched);
    arrivals.tell(commit.touched);
    gateways.recalled(commit.recalled);
    for (const [organisationId, revision] of commit.limitsRevised) gateways.limitsRevised(organisationId, revision);
    desk.released(commit.freed);
    count(metrics, commit);
  };
  const executor = new BatchExecutor({ commit: (jobs) => ledger.commit(jobs), onCommit, maxBatch, maxQueue, metrics });
  const desk = new LeaseDesk({ operations: executor, active: new ActiveGateways(steadyNow), now: steadyNow, maxWaiting: maxQueue, metrics });
  const totals = new TotalsReader(database);
  const sweep = new ExpirySweep({ leases, totals, operations: executor, metrics, now, log, everyMs: sweepEveryMs });
  const readers = { leases, audit: new LedgerAudit(new Database(auditPool)), suspense: new SuspenseReader(database) };
  return { ...readers, executor, desk, gateways, accounts, arrivals, transfers: new TransferReader(database), feed, sweep };
}

/** Milliseconds of a clock that never goes back. */
function steadyNow(): number {
  return performance.now();
}

function count(metrics: WalletMetrics, { recalled, transfers, softLimitsPassed }: Commit): void {
  if (recalled.length > 0) metrics.recalled(recalled.length);
  if (softLimitsPassed > 0) metrics.softLimitsPassed(softLimitsPassed);
  metrics.moved(transfers);
}
