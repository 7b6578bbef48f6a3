import { Lifecycle } from "@alfred/lifecycle";
import { serveWithKeys } from "@alfred/rpc";
import type { OpenKeys, Transport } from "@alfred/rpc";

import type { DirectoryConfig } from "./config.ts";
import { createContext } from "./context.ts";
import type { DirectoryContext, DirectoryParts } from "./context.ts";
import { watchKeys } from "./rpc/watch-keys.ts";
import type { Demo } from "./seed/demo.ts";
import { seed } from "./seed/seed.ts";

/** The directory: made, started once, disposed of once. */
export class DirectoryService implements AsyncDisposable {
  readonly #config: DirectoryConfig;
  readonly #parts: DirectoryParts;
  readonly #context: DirectoryContext;
  readonly #lifecycle: Lifecycle;
  readonly #demo: Demo | undefined;

  private constructor(
    config: DirectoryConfig,
    parts: DirectoryParts,
    context: DirectoryContext,
    demo: Demo | undefined,
  ) {
    this.#config = config;
    this.#parts = parts;
    this.#context = context;
    this.#demo = demo;
    this.#lifecycle = new Lifecycle({ log: parts.log });
    this.#lifecycle.use("directory: database", context.pool);
    this.#lifecycle.use("directory: listener", context.listener);
  }

  /**
   * Migrates the database and applies what the environment gives: root's key, the demo, the upstream.
   *
   * @throws SeedError, MigrationError, or the driver's error
   */
  static async create(config: DirectoryConfig, parts: DirectoryParts): Promise<DirectoryService> {
    const context = await createContext(config, parts);
    try {
      return new DirectoryService(config, parts, context, await seed(context, config, parts.log));
    } catch (error) {
      await context.listener[Symbol.asyncDispose]();
      await context.pool[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The way in for callers of the same process. */
  get transport(): Transport {
    return this.#context.server.transport;
  }

  /** Where the demo is; undefined where there is none. */
  get demo(): Demo | undefined {
    return this.#demo;
  }

  /** Whether it can do its work: keys are known and the database answers. */
  async isReady(): Promise<boolean> {
    const { keys, database } = this.#context;
    return keys.isFresh && (await database.isThere());
  }

  /** Takes calls, and resolves once it knows its keys. Rejects where the port cannot be had. */
  async start(): Promise<{ readonly port: number }> {
    const { keys, server, startRelay } = this.#context;
    const { log } = this.#parts;
    const { host, port } = this.#config;
    await this.#lifecycle.start("directory: outbox relay", startRelay);
    const open: OpenKeys = (revision, signal) => watchKeys(this.#context, { revision }, signal);
    await this.#lifecycle.start("directory: keys", () => serveWithKeys({ server, keys, open, log }));
    await keys.ready;
    this.#lifecycle.use("directory: server", server);
    return { port: await server.listen(host, port) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lifecycle.stop();
  }
}

/** Makes the directory; `start` starts it. */
export function createDirectoryService(config: DirectoryConfig, parts: DirectoryParts): Promise<DirectoryService> {
  return DirectoryService.create(config, parts);
}
