import { type Transport, follow, followKeys } from "@alfred/rpc";
import type { Logger } from "@alfred/telemetry";
import type { GatewayConfig } from "./config.ts";
import { type GatewayContext, type GatewayParts, createContext } from "./context.ts";

/** How long what is owed to the wallet and to metering may take when the gateway stops, in milliseconds each. */
const DRAIN_MS = 5_000;

/** The gateway: made, started once, disposed of once. */
export class GatewayService implements AsyncDisposable {
  /** The way in for callers of the same process. */
  readonly transport: Transport;
  readonly #config: GatewayConfig;
  readonly #parts: GatewayParts;
  readonly #context: GatewayContext;
  readonly #stopping = new AbortController();
  #followers: Promise<unknown> = Promise.resolve();
  #disposal: Promise<void> | undefined;

  constructor(config: GatewayConfig, parts: GatewayParts) {
    this.#config = config;
    this.#parts = parts;
    this.#context = createContext(config, parts);
    this.transport = this.#context.server.transport;
  }

  /** Resolves once keys, configuration and prices are known; before, requests are answered UNAVAILABLE. */
  get ready(): Promise<void> {
    return this.#context.feeds.synced;
  }

  /** Whether it can serve now: everything known, and the keys not stale. */
  async isReady(): Promise<boolean> {
    return this.#context.feeds.isSynced && this.#context.keys.isFresh;
  }

  /**
   * Begins to follow its feeds, and takes calls.
   * @throws ListenError
   */
  async start(): Promise<{ readonly port: number }> {
    const { server, feeds } = this.#context;
    this.#followers = Promise.all(this.#follow());
    void feeds.synced.then(() => server.setServing(!this.#stopping.signal.aborted));
    return { port: await server.listen(this.#config.host, this.#config.port) };
  }

  /** Takes no new calls, lets those under way end within a bound, then hands over what it owes. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#disposal ??= this.#dispose();
    return this.#disposal;
  }

  async #dispose(): Promise<void> {
    const { server, gate, money, records, wayOut } = this.#context;
    await server[Symbol.asyncDispose]();
    this.#stopping.abort();
    // Calls that were cut off are still being settled.
    await gate.drain(AbortSignal.timeout(DRAIN_MS));
    await Promise.all([money.drain(AbortSignal.timeout(DRAIN_MS)), records.drain(AbortSignal.timeout(DRAIN_MS))]);
    await this.#followers;
    await wayOut.destroy();
  }

  #follow(): Promise<void>[] {
    const { keys, feeds, configuration, metering } = this.#context;
    const { peers } = this.#parts;
    const signal = this.#stopping.signal;
    const log: Logger = this.#parts.log;
    return [
      followKeys(keys, { directory: peers.directory, token: this.#config.serviceToken, signal, log }),
      follow({
        name: "configuration",
        open: (revision, open) => configuration.watchConfig({ revision }, { signal: open }),
        apply: (event) => feeds.applyConfig(event),
        signal,
        log,
      }),
      follow({
        name: "prices",
        open: (revision, open) => metering.watchPrices({ revision }, { signal: open }),
        apply: (event) => feeds.applyPrices(event),
        signal,
        log,
      }),
    ];
  }
}

/** Puts the gateway together; `start` starts it. */
export function createGatewayService(config: GatewayConfig, parts: GatewayParts): GatewayService {
  return new GatewayService(config, parts);
}
