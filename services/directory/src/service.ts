import { Lifecycle } from "@alfred/lifecycle";
import { serveWithKeys } from "@alfred/rpc";
import type { OpenKeys, Transport } from "@alfred/rpc";

import type { DirectoryConfig } from "./config.ts";
import { createContext } from "./context.ts";
import type { DirectoryContext, DirectoryParts } from "./context.ts";
import { ConfigFileFollower } from "./given/config-file-follower.ts";
import { ConfigFile } from "./given/config-file.ts";
import { watchKeys } from "./rpc/watch-keys.ts";
import type { Demo } from "./seed/demo.ts";
import { seed } from "./seed/seed.ts";

/** What a service is made of. */
interface Made {
  readonly config: DirectoryConfig;
  readonly parts: DirectoryParts;
  readonly context: DirectoryContext;
  readonly demo: Demo | undefined;
  /** Begins to follow the configuration file, where there is one. */
  readonly follow: (() => ConfigFileFollower) | undefined;
}

/** The directory: made, started once, disposed of once. */
export class DirectoryService implements AsyncDisposable {
  readonly #made: Made;
  readonly #lifecycle: Lifecycle;

  private constructor(made: Made) {
    const { parts, context } = made;
    this.#made = made;
    this.#lifecycle = new Lifecycle({ log: parts.log });
    this.#lifecycle.use("directory: database", context.pool);
    this.#lifecycle.use("directory: listener", context.listener);
  }

  /**
   * Migrates the database and applies what the environment and the file give: root's key, the demo, the configuration.
   *
   * @throws SeedError, ConfigFileError, MigrationError, or the driver's error
   */
  static async create(config: DirectoryConfig, parts: DirectoryParts): Promise<DirectoryService> {
    const context = await createContext(config, parts);
    try {
      const follow = await readConfigFile(config, context, parts);
      return new DirectoryService({ config, parts, context, follow, demo: await seed(context, config, parts.log) });
    } catch (error) {
      await context.listener[Symbol.asyncDispose]();
      await context.pool[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The way in for callers of the same process. */
  get transport(): Transport {
    return this.#made.context.server.transport;
  }

  /** Where the demo is; undefined where there is none. */
  get demo(): Demo | undefined {
    return this.#made.demo;
  }

  /** Whether it can do its work: keys are known and the database answers. */
  async isReady(): Promise<boolean> {
    const { keys, database } = this.#made.context;
    return keys.isFresh && (await database.isThere());
  }

  /** Takes calls, and resolves once it knows its keys. Rejects where the port cannot be had. */
  async start(): Promise<{ readonly port: number }> {
    const { keys, server, startRelay } = this.#made.context;
    const { context, follow } = this.#made;
    const { log } = this.#made.parts;
    const { host, port } = this.#made.config;
    await this.#lifecycle.start("directory: outbox relay", startRelay);
    const open: OpenKeys = (revision, signal) => watchKeys(context, { revision }, signal);
    await this.#lifecycle.start("directory: keys", () => serveWithKeys({ server, keys, open, log }));
    await keys.ready;
    if (follow !== undefined) this.#lifecycle.use("directory: configuration file", follow());
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

/** Reads the configuration file, if there is one, for the start to apply. @throws ConfigFileError */
async function readConfigFile(
  { file: place }: DirectoryConfig,
  { given, mutations, secrets, metrics }: DirectoryContext,
  { log }: DirectoryParts,
): Promise<Made["follow"]> {
  if (place === undefined) return undefined;
  const file = new ConfigFile(place);
  const reading = await file.read();
  if ("error" in reading) throw reading.error;
  given.current = given.current.with(reading.content);
  return () => new ConfigFileFollower({ file, given, mutations, secrets, metrics, log }, reading.fingerprint);
}
