import { Lifecycle } from "@alfred/lifecycle";
import { follow } from "@alfred/rpc";
import type { Transport } from "@alfred/rpc";

import type { DirectoryConfig } from "./config.ts";
import { createContext } from "./context.ts";
import type { DirectoryAssembly, DirectoryParts } from "./context.ts";
import { watchKeys } from "./rpc/watch-keys.ts";
import type { Demo } from "./seed/demo.ts";
import { seed } from "./seed/seed.ts";

/** The directory: made, started once, disposed of once. */
export class DirectoryService implements AsyncDisposable {
  readonly #config: DirectoryConfig;
  readonly #parts: DirectoryParts;
  readonly #assembly: DirectoryAssembly;
  readonly #lifecycle: Lifecycle;
  readonly #demo: Demo | undefined;

  private constructor(
    config: DirectoryConfig,
    parts: DirectoryParts,
    assembly: DirectoryAssembly,
    demo: Demo | undefined,
  ) {
    this.#config = config;
    this.#parts = parts;
    this.#assembly = assembly;
    this.#demo = demo;
    this.#lifecycle = new Lifecycle({ log: parts.log });
    this.#lifecycle.use("directory: database", assembly.pool);
    this.#lifecycle.use("directory: listener", assembly.listener);
  }

  /**
   * Migrates the database and applies what the environment gives: root's key, the demo, the upstream.
   *
   * @throws SeedError, MigrationError, or the driver's error
   */
  static async create(config: DirectoryConfig, parts: DirectoryParts): Promise<DirectoryService> {
    const assembly = await createContext(config, parts);
    try {
      return new DirectoryService(config, parts, assembly, await seed(assembly, config, parts.log));
    } catch (error) {
      await assembly.listener[Symbol.asyncDispose]();
      await assembly.pool[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The way in for callers of the same process. */
  get transport(): Transport {
    return this.#assembly.server.transport;
  }

  /** Where the demo is; undefined where there is none. */
  get demo(): Demo | undefined {
    return this.#demo;
  }

  /** Whether it can do its work: keys are known and the database answers. */
  async isReady(): Promise<boolean> {
    const { ring, sql } = this.#assembly;
    return (
      ring.isFresh &&
      (await sql.query("SELECT 1").then(
        () => true,
        () => false,
      ))
    );
  }

  /** Takes calls, and resolves once it knows its keys. Rejects where the port cannot be had. */
  async start(): Promise<{ readonly port: number }> {
    const { server, ring, startRelay } = this.#assembly;
    await this.#lifecycle.start("directory: outbox relay", startRelay);
    this.#followOwnKeys();
    await ring.ready;
    this.#lifecycle.use("directory: server", server);
    const port = await server.listen(this.#config.host, this.#config.port);
    server.setServing(true);
    return { port };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lifecycle.stop();
  }

  #followOwnKeys(): void {
    const stop = new AbortController();
    const following = follow({
      name: "own keys",
      open: (revision, signal) => watchKeys(this.#assembly, { revision }, signal),
      apply: (event) => this.#assembly.ring.apply(event),
      signal: stop.signal,
      log: this.#parts.log,
    });
    this.#lifecycle.defer("directory: own keys", () => {
      stop.abort();
      return following;
    });
  }
}

/** Makes the directory; `start` starts it. */
export function createDirectoryService(config: DirectoryConfig, parts: DirectoryParts): Promise<DirectoryService> {
  return DirectoryService.create(config, parts);
}
