import type { EventBus } from "@alfred/nats";
import { appendEvents, createPool, Database, OutboxRelay } from "@alfred/postgres";
import type { DatabasePlace, DatabasePool } from "@alfred/postgres";
import { createServer, KeyRing } from "@alfred/rpc";
import type { RpcServer, Transport } from "@alfred/rpc";
import type { Logger, MetricRegistry } from "@alfred/telemetry";
import { AccountFeed } from "./account-feed.ts";
import { BatchExecutor } from "./batch-executor.ts";
import type { WalletConfig } from "./config.ts";
import { DirectoryFeed } from "./directory-feed.ts";
import { createCalendar } from "./domain/window.ts";
import { toOutbox } from "./events.ts";
import { ExpirySweep } from "./expiry-sweep.ts";
import { createWalletMetrics } from "./metrics.ts";
import type { WalletMetrics } from "./metrics.ts";
import { bindWallet } from "./rpc/bind.ts";
import { AccountReader } from "./store/account-reader.ts";
import { LeaseReader } from "./store/lease-reader.ts";
import { Ledger } from "./store/ledger.ts";
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

/** The wallet put together, nothing of it started but its pool's readiness to connect. */
export interface WalletContext {
  readonly place: DatabasePlace;
  readonly pool: DatabasePool;
  readonly ring: KeyRing;
  readonly executor: BatchExecutor;
  readonly feed: AccountFeed;
  readonly sweep: ExpirySweep;
  readonly server: RpcServer;
  readonly startRelay: () => OutboxRelay;
  readonly startDirectoryFeed: () => DirectoryFeed;
}

export function createContext(config: WalletConfig, parts: WalletParts): WalletContext {
  const { log, bus, now = Date.now } = parts;
  const place = { url: parts.databaseUrl, schema: "wallet", role: "alfred_wallet" };
  const pool = createPool({ ...place, log });
  const metrics = createWalletMetrics(parts.registry);
  const books = createBooks(config, { pool, metrics, now, log });
  const ring = new KeyRing({ serviceToken: config.serviceToken, now });
  const counter = metrics;
  const bindings = [bindWallet({ ...books, changes: books.feed, operations: books.executor, counter, now })];
  return {
    place,
    pool,
    ring,
    ...books,
    server: createServer({ name: "wallet", bindings, authenticate: ring.authenticate, log }),
    startRelay: () => new OutboxRelay({ pool, schema: place.schema, publish: (event) => bus.publish(event), log }),
    startDirectoryFeed: () => new DirectoryFeed({ ring, operations: books.executor, log }),
  };
}

interface BookParts {
  readonly pool: DatabasePool;
  readonly metrics: WalletMetrics;
  readonly now: () => number;
  readonly log: Logger;
}

interface Books {
  readonly executor: BatchExecutor;
  readonly accounts: AccountReader;
  readonly transfers: TransferReader;
  readonly feed: AccountFeed;
  readonly sweep: ExpirySweep;
}

function createBooks({ maxBatch, maxQueue, sweepEveryMs }: WalletConfig, { pool, metrics, now, log }: BookParts): Books {
  const calendar = createCalendar();
  const database = new Database(pool);
  const accounts = new AccountReader({ sql: database, now, calendar });
  const leases = new LeaseReader(database);
  const feed = new AccountFeed({ accounts, log });
  const ledger = new Ledger({ pool, now, calendar, appendEvents: (sql, events) => appendEvents(sql, events.map(toOutbox)) });
  const onCommit = (touched: ReadonlySet<string>): void => feed.touch(touched);
  const executor = new BatchExecutor({ commit: (jobs) => ledger.commit(jobs), onCommit, maxBatch, maxQueue, metrics });
  const sweep = new ExpirySweep({ leases, operations: executor, metrics, now, log, everyMs: sweepEveryMs });
  return { executor, accounts, transfers: new TransferReader(database), feed, sweep };
}
