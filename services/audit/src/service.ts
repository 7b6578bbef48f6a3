import { Lifecycle } from "@alfred/lifecycle";
import { keysOf, serveWithKeys } from "@alfred/rpc";
import type { Transport } from "@alfred/rpc";

import type { AuditConfig } from "./config.ts";
import { createContext } from "./context.ts";
import type { AuditContext, AuditParts } from "./context.ts";

/** Audit: made, started once, disposed of once. */
export class AuditService implements AsyncDisposable {
  readonly #config: AuditConfig;
  readonly #parts: AuditParts;
  readonly #context: AuditContext;
  readonly #lifecycle: Lifecycle;

  private constructor(config: AuditConfig, parts: AuditParts, context: AuditContext) {
    this.#config = config;
    this.#parts = parts;
    this.#context = context;
    this.#lifecycle = new Lifecycle({ log: parts.log });
    this.#lifecycle.use("audit: database", context.pool);
    this.#lifecycle.use("audit: listener", context.listener);
  }

  /**
   * Migrates the database and makes the folder of checkpoints.
   *
   * @throws MigrationError, the driver's error or the disk's
   */
  static async create(config: AuditConfig, parts: AuditParts): Promise<AuditService> {
    return new AuditService(config, parts, await createContext(config, parts));
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
   * Takes events and calls; rejects where the port cannot be had. Health says SERVING while the keys are known, which
   * may begin later: the directory need not be up yet.
   */
  async start(): Promise<{ readonly port: number }> {
    const { keys, server, startCheckpointer, startIntake } = this.#context;
    const { directory, log } = this.#parts;
    const { serviceToken, host, port } = this.#config;
    const checkpointer = await this.#lifecycle.start("audit: checkpointer", startCheckpointer);
    await this.#lifecycle.start("audit: intake", () => startIntake(checkpointer));
    await this.#lifecycle.start("audit: keys", () => serveWithKeys({ server, keys, open: keysOf(directory, serviceToken), log }));
    this.#lifecycle.use("audit: server", server);
    return { port: await server.listen(host, port) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lifecycle.stop();
  }
}

/** Makes audit; `start` starts it. */
export function createAuditService(config: AuditConfig, parts: AuditParts): Promise<AuditService> {
  return AuditService.create(config, parts);
}
