import { Lifecycle } from "@alfred/lifecycle";
import { keysOf, serveWithKeys, type Transport } from "@alfred/rpc";
import type { MeteringConfig } from "./config.ts";
import { createContext, type MeteringContext, type MeteringParts } from "./context.ts";

/** Metering: made, started once, disposed of once. */
export class MeteringService implements AsyncDisposable {
  readonly #config: MeteringConfig;
  readonly #parts: MeteringParts;
  readonly #context: MeteringContext;
  readonly #lifecycle: Lifecycle;

  private constructor(config: MeteringConfig, parts: MeteringParts, context: MeteringContext) {
    this.#config = config;
    this.#parts = parts;
    this.#context = context;
    this.#lifecycle = new Lifecycle({ log: parts.log });
    this.#lifecycle.use("metering: database", context.pool);
    this.#lifecycle.use("metering: listener", context.listener);
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
    const { keys, database } = this.#context;
    return keys.isFresh && (await database.isThere());
  }

  /** Resolves when the keys are known for the first time. */
  get ready(): Promise<void> {
    return this.#context.keys.ready;
  }

  /**
   * Takes calls; rejects where the port cannot be had. Health says SERVING while the keys are known, which may begin
   * later: the directory need not be up yet.
   */
  async start(): Promise<{ readonly port: number }> {
    const { keys, server, startRelay } = this.#context;
    const { directory, log } = this.#parts;
    const { serviceToken, host, port } = this.#config;
    await this.#lifecycle.start("metering: outbox relay", startRelay);
    await this.#lifecycle.start("metering: keys", () => serveWithKeys({ server, keys, open: keysOf(directory, serviceToken), log }));
    this.#lifecycle.use("metering: server", server);
    return { port: await server.listen(host, port) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lifecycle.stop();
  }
}

/** Makes metering; `start` starts it. */
export function createMeteringService(config: MeteringConfig, parts: MeteringParts): Promise<MeteringService> {
  return MeteringService.create(config, parts);
}
