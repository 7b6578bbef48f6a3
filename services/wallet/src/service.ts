import { Lifecycle } from "@alfred/lifecycle";
import { keysOf, serveWithKeys } from "@alfred/rpc";
import type { Transport } from "@alfred/rpc";
import type { WalletConfig } from "./config.ts";
import { createContext } from "./context.ts";
import type { WalletContext, WalletParts } from "./context.ts";

/** The wallet: made, started once, disposed of once. */
export class WalletService implements AsyncDisposable {
  readonly #config: WalletConfig;
  readonly #parts: WalletParts;
  readonly #context: WalletContext;
  readonly #lifecycle: Lifecycle;

  private constructor(config: WalletConfig, parts: WalletParts, context: WalletContext) {
    this.#config = config;
    this.#parts = parts;
    this.#context = context;
    this.#lifecycle = new Lifecycle({ log: parts.log });
    this.#lifecycle.use("wallet: database", context.pool);
    this.#lifecycle.use("wallet: database for checks", context.auditPool);
  }

  /**
   * Migrates the database.
   *
   * @throws MigrationError, or the driver's error
   */
  static async create(config: WalletConfig, parts: WalletParts): Promise<WalletService> {
    return new WalletService(config, parts, await createContext(config, parts));
  }

  /** The way in for callers of the same process. */
  get transport(): Transport {
    return this.#context.server.transport;
  }

  /** Whether it can do its work: keys are known and the database answers. */
  async isReady(): Promise<boolean> {
    const { keys, database } = this.#context;
    return keys.isFresh && (await database.isThere());
  }

  /**
   * Takes calls; rejects where the port cannot be had. Health says SERVING while the keys are known, which may begin
   * later: the directory need not be up yet.
   */
  async start(): Promise<{ readonly port: number }> {
    const { keys, executor, feed, desk, gateways, sweep, server, startRelay, startDirectoryFeed } = this.#context;
    const { directory, log } = this.#parts;
    const { serviceToken, host, port } = this.#config;
    const lifecycle = this.#lifecycle;
    await lifecycle.start("wallet: outbox relay", startRelay);
    lifecycle.use("wallet: executor", executor);
    lifecycle.use("wallet: account feed", feed);
    lifecycle.use("wallet: watching gateways", gateways);
    await lifecycle.start("wallet: directory feed", startDirectoryFeed);
    lifecycle.use("wallet: expiry sweep", sweep);
    sweep.start();
    await lifecycle.start("wallet: keys", () => serveWithKeys({ server, keys, open: keysOf(directory, serviceToken), log }));
    lifecycle.use("wallet: server", server);
    // Stops first: acquires that wait would hold the server up.
    lifecycle.use("wallet: acquires", desk);
    return { port: await server.listen(host, port) };
  }

  /** Suspends what has expired by now, without waiting for the next sweep; answers how many reservations that was. */
  sweep(): Promise<number> {
    return this.#context.sweep.sweep();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lifecycle.stop();
  }
}

/** Makes the wallet; `start` starts it. */
export function createWalletService(config: WalletConfig, parts: WalletParts): Promise<WalletService> {
  return WalletService.create(config, parts);
}
