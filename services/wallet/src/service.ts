import { fileURLToPath } from "node:url";
import { Lifecycle } from "@alfred/lifecycle";
import { migrate } from "@alfred/postgres";
import { followKeys } from "@alfred/rpc";
import type { Transport } from "@alfred/rpc";
import type { WalletConfig } from "./config.ts";
import type { WalletContext, WalletParts } from "./context.ts";
import { createContext } from "./context.ts";

const MIGRATIONS = fileURLToPath(new URL("store/migrations", import.meta.url));

/** The wallet: made, started once, disposed of once. */
export class WalletService implements AsyncDisposable {
  /** The way in for callers of the same process. */
  readonly transport: Transport;
  readonly #config: WalletConfig;
  readonly #parts: WalletParts;
  readonly #context: WalletContext;
  readonly #lifecycle: Lifecycle;

  constructor(config: WalletConfig, parts: WalletParts) {
    this.#config = config;
    this.#parts = parts;
    this.#context = createContext(config, parts);
    this.#lifecycle = new Lifecycle({ log: parts.log });
    this.transport = this.#context.server.transport;
  }

  /**
   * Brings the schema up to date and takes calls; rejects where the database or the port cannot be had. Health says
   * SERVING once the keys are known, which may be later: the directory need not be up yet.
   */
  async start(): Promise<{ readonly port: number }> {
    const { place, pool, executor, feed, sweep, server, startRelay, startDirectoryFeed } = this.#context;
    const { host, port } = this.#config;
    const lifecycle = this.#lifecycle;
    lifecycle.use("wallet: database pool", pool);
    await migrate({ ...place, directory: MIGRATIONS, outbox: true, log: this.#parts.log });
    await lifecycle.start("wallet: outbox relay", startRelay);
    lifecycle.use("wallet: executor", executor);
    lifecycle.use("wallet: account feed", feed);
    await lifecycle.start("wallet: directory feed", startDirectoryFeed);
    lifecycle.use("wallet: expiry sweep", sweep);
    sweep.start();
    this.#followDirectory();
    lifecycle.use("wallet: server", server);
    return { port: await server.listen(host, port) };
  }

  /** Whether it can do its work: keys are known and the database answers. */
  async isReady(): Promise<boolean> {
    const { ring, pool } = this.#context;
    return ring.isFresh && (await pool.query("SELECT 1").then(() => true, () => false));
  }

  /** Suspends what has expired by now, without waiting for the next sweep; answers how many reservations that was. */
  sweep(): Promise<number> {
    return this.#context.sweep.sweep();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lifecycle[Symbol.asyncDispose]();
  }

  #followDirectory(): void {
    const { ring, server } = this.#context;
    const { directory, log } = this.#parts;
    const { serviceToken: token } = this.#config;
    const stop = new AbortController();
    const following = followKeys(ring, { directory, token, signal: stop.signal, log });
    this.#lifecycle.defer("wallet: keys", async () => {
      stop.abort();
      await following;
    });
    void ring.ready.then(() => server.setServing(!stop.signal.aborted));
  }
}

/** Puts the wallet together; `start` starts it. */
export function createWalletService(config: WalletConfig, parts: WalletParts): WalletService {
  return new WalletService(config, parts);
}
