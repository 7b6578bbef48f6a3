import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { Lifecycle } from "@alfred/lifecycle";
import type { EdgeConfig } from "./config.ts";
import { createContext, type EdgeContext, type EdgeParts } from "./context.ts";

/** How long answers under way may take when the edge stops, in milliseconds. */
const DRAIN_MS = 10_000;
/** How often connections that have become idle are ended then. */
const SWEEP_MS = 100;
/** How long what was ended then has to say so. */
const FLUSH_MS = 500;
/** Longer than answers under way may take. */
const SERVER_STOP_MS = 12_000;

/** The HTTP edge: made, started once, disposed of once. */
export class EdgeService implements AsyncDisposable {
  readonly #config: EdgeConfig;
  readonly #context: EdgeContext;
  readonly #drainMs: number;
  readonly #lifecycle: Lifecycle;

  private constructor(config: EdgeConfig, parts: EdgeParts, context: EdgeContext) {
    this.#config = config;
    this.#context = context;
    this.#drainMs = parts.drainMs ?? DRAIN_MS;
    this.#lifecycle = new Lifecycle({ log: parts.log });
  }

  /** Puts it together; it has no database, so nothing is waited for. */
  static create(config: EdgeConfig, parts: EdgeParts): EdgeService {
    return new EdgeService(config, parts, createContext(config, parts));
  }

  /** Whether it can do its work: the gateway serves. */
  async isReady(): Promise<boolean> {
    return this.#context.isReady();
  }

  /** Takes requests; rejects with the system's error where the port cannot be had. */
  async start(): Promise<{ readonly port: number }> {
    const { server } = this.#context;
    server.listen(this.#config.port, this.#config.host);
    await once(server, "listening");
    this.#lifecycle.defer("edge: server", () => stop(this.#context, this.#drainMs), { timeoutMs: SERVER_STOP_MS });
    return { port: (server.address() as AddressInfo).port };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lifecycle.stop();
  }
}

/**
 * Takes no new connections, lets what is under way end within a bound, and then ends it with a word of it. Node goes on serving connections
 * that are kept alive for as long as they are busy, so that each is told to end with its next answer, or ended once idle.
 */
async function stop({ server, answers }: EdgeContext, drainMs: number): Promise<void> {
  const closed = once(server, "close");
  server.prependListener("request", (_request, response) => response.setHeader("connection", "close"));
  server.close();
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  const end = setTimeout(() => answers.endAll(), drainMs);
  const force = setTimeout(() => server.closeAllConnections(), drainMs + FLUSH_MS);
  await closed;
  clearInterval(sweep);
  clearTimeout(end);
  clearTimeout(force);
}

/** Makes the edge; `start` starts it. */
export function createEdgeService(config: EdgeConfig, parts: EdgeParts): EdgeService {
  return EdgeService.create(config, parts);
}
