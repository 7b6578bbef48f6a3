import { createServer } from "node:http";
import type { Server } from "node:http";
import type { Behaviour } from "./behaviour.ts";
import { SimMetrics } from "./metrics.ts";
import { Operations } from "./operations.ts";
import { toSettings } from "./options.ts";
import type { ProviderSimOptions, SimSettings } from "./options.ts";
import { RequestLog } from "./request-log.ts";
import { Responder } from "./responder.ts";

/** A provider that answers as each of the twelve does, on a socket of its own. */
export interface ProviderSim extends AsyncDisposable {
  /** What has been asked of it. */
  readonly requests: RequestLog;
  /** What each request meets from now on unless it asks for something else; may be replaced at any time. */
  behaviour: Behaviour;
  /**
   * Listens and gives the origin, below which `simBaseUrls` tells each provider's API, as in `http://127.0.0.1:40123`. Port 0, the default, takes a free one.
   * Rejects with Node's own error when the address cannot be had.
   */
  listen(host?: string, port?: number): Promise<string>;
  /** Closes the port and breaks every connection, so that clients are refused until `listen` is called again. */
  refuse(): Promise<void>;
}

/** Makes a provider simulator. It serves once `listen` is called and stops when it is disposed of. */
export function createProviderSim(options: ProviderSimOptions = {}): ProviderSim {
  return new SimServer(options);
}

class SimServer implements ProviderSim {
  readonly requests: RequestLog;
  readonly #settings: SimSettings;
  readonly #responder: Responder;
  readonly #operations: Operations;
  #server: Server | undefined;

  constructor(options: ProviderSimOptions) {
    const settings = toSettings(options);
    const metrics = new SimMetrics();
    this.#settings = settings;
    this.requests = new RequestLog(settings.requestLogSize, settings.now);
    this.#responder = new Responder(settings, options.behaviour ?? {}, this.requests, metrics);
    this.#operations = new Operations(this.requests, metrics);
  }

  get behaviour(): Behaviour {
    return this.#responder.behaviour;
  }

  set behaviour(behaviour: Behaviour) {
    this.#responder.behaviour = behaviour;
  }

  async listen(host = "127.0.0.1", port = 0): Promise<string> {
    if (this.#server !== undefined) throw new Error("The provider simulator is listening already.");
    const server = createServer((request, response) => {
      if (!this.#operations.answer(request, response)) void this.#responder.respond(request, response);
    });
    server.maxConnections = this.#settings.maxConnections;
    server.keepAliveTimeout = 75_000;
    this.#server = server;
    try {
      return `http://${host.includes(":") ? `[${host}]` : host}:${await listening(server, host, port)}`;
    } catch (error) {
      this.#server = undefined;
      throw error;
    }
  }

  async refuse(): Promise<void> {
    await this.#close(0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close(this.#settings.closeTimeoutMs);
  }

  async #close(timeoutMs: number): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    await this.#responder.settle(timeoutMs);
    server.closeAllConnections();
    await closed;
  }
}

/** The port that the server listens on. */
function listening(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}
