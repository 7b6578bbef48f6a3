import { Lifecycle } from "@alfred/lifecycle";
import { followKeys } from "@alfred/rpc";
import type { Transport } from "@alfred/rpc";

import type { AuditConfig } from "./config.ts";
import { createContext } from "./context.ts";
import type { AuditAssembly, AuditParts } from "./context.ts";

/** Audit: made, started once, disposed of once. */
export class AuditService implements AsyncDisposable {
  readonly #config: AuditConfig;
  readonly #parts: AuditParts;
  readonly #assembly: AuditAssembly;
  readonly #lifecycle: Lifecycle;

  private constructor(config: AuditConfig, parts: AuditParts, assembly: AuditAssembly) {
    this.#config = config;
    this.#parts = parts;
    this.#assembly = assembly;
    this.#lifecycle = new Lifecycle({ log: parts.log });
    this.#lifecycle.use("audit: database", assembly.pool);
    this.#lifecycle.use("audit: listener", assembly.listener);
  }

  /**
   * Migrates the database and makes the folder of checkpoints. Throws a MigrationError, or what the database or the
   * disk throws.
   */
  static async create(config: AuditConfig, parts: AuditParts): Promise<AuditService> {
    return new AuditService(config, parts, await createContext(config, parts));
  }

  /** The way in for callers of the same process. */
  get transport(): Transport {
    return this.#assembly.server.transport;
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

  /**
   * Takes events and calls; rejects where the port cannot be had. Health says SERVING once the keys are known, which
   * may be later: the directory need not be up yet.
   */
  async start(): Promise<{ readonly port: number }> {
    const { server, startCheckpointer, startIntake } = this.#assembly;
    const checkpointer = await this.#lifecycle.start("audit: checkpointer", startCheckpointer);
    await this.#lifecycle.start("audit: intake", () => startIntake(checkpointer));
    this.#followKeys();
    this.#lifecycle.use("audit: server", server);
    return { port: await server.listen(this.#config.host, this.#config.port) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lifecycle.stop();
  }

  #followKeys(): void {
    const { ring, server } = this.#assembly;
    const { directory, log } = this.#parts;
    const stop = new AbortController();
    const following = followKeys(ring, { directory, token: this.#config.serviceToken, signal: stop.signal, log });
    this.#lifecycle.defer("audit: keys", () => {
      stop.abort();
      return following;
    });
    void ring.ready.then(() => server.setServing(!stop.signal.aborted));
  }
}

/** Makes audit; `start` starts it. */
export function createAuditService(config: AuditConfig, parts: AuditParts): Promise<AuditService> {
  return AuditService.create(config, parts);
}
