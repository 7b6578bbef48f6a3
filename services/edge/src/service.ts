import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { EdgeConfig } from "./config.ts";
import { createContext, type EdgeParts } from "./context.ts";

/** How long answers under way may take when the edge stops, in milliseconds. */
const DRAIN_MS = 10_000;

/** The HTTP edge: made, started once, disposed of once. */
export class EdgeService implements AsyncDisposable {
  readonly #config: EdgeConfig;
  readonly #server: Server;

  constructor(config: EdgeConfig, parts: EdgeParts) {
    this.#config = config;
    this.#server = createContext(config, parts).server;
  }

  /** Takes requests; rejects with the system's error where the port cannot be had. */
  async start(): Promise<{ readonly port: number }> {
    this.#server.listen(this.#config.port, this.#config.host);
    await once(this.#server, "listening");
    return { port: (this.#server.address() as AddressInfo).port };
  }

  /** Takes no new requests, lets those under way end within a bound, and then ends them. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    const force = setTimeout(() => this.#server.closeAllConnections(), DRAIN_MS);
    await closed;
    clearTimeout(force);
  }
}

/** Makes the edge; `start` starts it. */
export function createEdgeService(config: EdgeConfig, parts: EdgeParts): EdgeService {
  return new EdgeService(config, parts);
}
