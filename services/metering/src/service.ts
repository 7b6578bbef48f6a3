import { Lifecycle } from "@alfred/lifecycle";
import { followKeys, type Transport } from "@alfred/rpc";
import type { MeteringConfig } from "./config.ts";
import { type Context, createContext, type MeteringParts } from "./context.ts";

/** Metering: made, started once, disposed of once. */
export class MeteringService implements AsyncDisposable {
  readonly #config: MeteringConfig;
  readonly #parts: MeteringParts;
  readonly #context: Context;
  readonly #lifecycle: Lifecycle;

  private constructor(config: MeteringConfig, parts: MeteringParts, context: Context) {
    this.#config = config;
    this.#parts = parts;
    this.#context = context;
    this.#lifecycle = new Lifecycle({ log: parts.log });
    this.#lifecycle.use("database", context.pool);
    this.#lifecycle.use("usage listener", context.listener);
  }

  /**
   * Migrates the database and loads the price book.
   *
   * @throws PriceFileError, MigrationError, or the driver's error
   */
  static async create(config: MeteringConfig, parts: MeteringParts): Promise<MeteringService> {
    return new MeteringService(config, parts, await createContext(config, parts));
  }

  /** The way in for callers of the same process. */
  get transport(): Transport {
    return this.#context.server.transport;
  }

  /** Whether it can do its work: keys are known and the database answers. */
  async isReady(): Promise<boolean> {
    const { keys, pool } = this.#context;
    return keys.isFresh && (await pool.query("SELECT 1").then(() => true, () => false));
  }

  /** Resolves when the keys are known for the first time. */
  get ready(): Promise<void> {
    return this.#context.keys.ready;
  }

  /** Takes calls; health says SERVING once the keys are known. Rejects where the port cannot be had. */
  async start(): Promise<{ readonly port: number }> {
    const { server } = this.#context;
    await this.#lifecycle.start("outbox relay", () => this.#context.relay());
    this.#followKeys();
    this.#lifecycle.use("server", server);
    return { port: await server.listen(this.#config.host, this.#config.port) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lifecycle.stop();
  }

  #followKeys(): void {
    const { keys, server } = this.#context;
    const { directory, log } = this.#parts;
    const stop = new AbortController();
    const following = followKeys(keys, { directory, token: this.#config.serviceToken, signal: stop.signal, log });
    this.#lifecycle.defer("keys", () => {
      stop.abort();
      return following;
    });
    void keys.ready.then(() => server.setServing(!stop.signal.aborted));
  }
}

/** Makes metering; `start` starts it. */
export function createMeteringService(config: MeteringConfig, parts: MeteringParts): Promise<MeteringService> {
  return MeteringService.create(config, parts);
}
