import { Lifecycle } from "@alfred/lifecycle";
import { type Transport, follow, keysOf, serveWithKeys } from "@alfred/rpc";
import type { GatewayConfig } from "./config.ts";
import { type GatewayContext, type GatewayParts, createContext } from "./context.ts";
import { unavailable } from "./money/unavailable.ts";

/** How long what is owed to the wallet and to metering may take when the gateway stops, in milliseconds each. */
const DRAIN_MS = 5_000;
/** Longer than the server itself lets open calls go on. */
const SERVER_STOP_MS = 12_000;

/** The gateway: made, started once, disposed of once. */
export class GatewayService implements AsyncDisposable {
  readonly #config: GatewayConfig;
  readonly #parts: GatewayParts;
  readonly #context: GatewayContext;
  readonly #lifecycle: Lifecycle;

  private constructor(config: GatewayConfig, parts: GatewayParts, context: GatewayContext) {
    this.#config = config;
    this.#parts = parts;
    this.#context = context;
    this.#lifecycle = new Lifecycle({ log: parts.log });
    this.#lifecycle.defer("gateway: way out", () => context.wayOut.destroy());
  }

  /** Puts it together; it has no database, so nothing is waited for. */
  static create(config: GatewayConfig, parts: GatewayParts): GatewayService {
    return new GatewayService(config, parts, createContext(config, parts));
  }

  /** The way in for callers of the same process. */
  get transport(): Transport {
    return this.#context.server.transport;
  }

  /** Resolves once keys, configuration and prices are known, and the wallet knows this start. Rejects where it never will. */
  get ready(): Promise<void> {
    const { feeds, money } = this.#context;
    const halted = money.halted.then((reason) => Promise.reject(unavailable(reason)));
    return Promise.all([feeds.synced, Promise.race([money.live, halted])]).then(() => undefined);
  }

  /** Resolves where another start took this gateway's name: it serves nothing more, so its process is to stop. */
  get superseded(): Promise<void> {
    const { halted } = this.#context.money;
    // One whose journal failed stays, and says so to whoever asks: a new start would not find it mended.
    return halted.then((reason) => (reason === "superseded" ? undefined : new Promise<void>(() => undefined)));
  }

  /** Whether it can serve now: everything known, the keys not stale, and money to be had. */
  async isReady(): Promise<boolean> {
    const { keys, feeds, money } = this.#context;
    return keys.isFresh && feeds.isSynced && money.isLive;
  }

  /**
   * Begins to follow its feeds, and takes calls; health says SERVING while it is ready. When it stops it takes no new
   * calls, has those that were cut off settle, and then hands over what it owes.
   *
   * @throws ListenError; JournalError where another process has its journal, or it cannot be used
   */
  async start(): Promise<{ readonly port: number }> {
    const { server, gate, departures, shadows, money, records, health, checks } = this.#context;
    const { host, port } = this.#config;
    const lifecycle = this.#lifecycle;
    lifecycle.use("gateway: money", money);
    await money.open();
    await this.#followFeeds();
    lifecycle.defer("gateway: what is owed", async () => {
      const given = AbortSignal.timeout(DRAIN_MS);
      await Promise.all([money.drain(given), records.drain(given)]);
      // What was written down only now came after the others.
      await records.drain(given);
    });
    lifecycle.use("gateway: checks of providers", checks);
    checks.start();
    lifecycle.defer("gateway: open calls", () => gate.drain(AbortSignal.timeout(DRAIN_MS)));
    lifecycle.use("gateway: what is kept", this.#context.watchKept());
    lifecycle.use("gateway: server", server, { timeoutMs: SERVER_STOP_MS });
    lifecycle.defer("gateway: watches of providers", () => health.changes.close());
    // First, since the server waits for what its callers have left, too.
    lifecycle.defer("gateway: answers nobody waits for", () => {
      departures.close();
      shadows.close();
    });
    return { port: await server.listen(host, port) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lifecycle.stop();
  }

  async #followFeeds(): Promise<void> {
    const { keys, feeds, configuration, metering, server, money } = this.#context;
    const { peers, log } = this.#parts;
    const stop = new AbortController();
    const { signal } = stop;
    const following = Promise.all([
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
    ]);
    this.#lifecycle.defer("gateway: feeds", async () => {
      stop.abort();
      await following;
    });
    const open = keysOf(peers.directory, this.#config.serviceToken);
    const isReady = (): boolean => feeds.isSynced && money.isLive;
    const serving = await this.#lifecycle.start("gateway: keys", () => serveWithKeys({ server, keys, open, isReady, log }));
    for (const change of [feeds.synced, money.live, money.halted]) void change.then(() => serving.check());
  }
}

/** Makes the gateway; `start` starts it. */
export function createGatewayService(config: GatewayConfig, parts: GatewayParts): GatewayService {
  return GatewayService.create(config, parts);
}
