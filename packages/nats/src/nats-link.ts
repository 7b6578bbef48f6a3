import type { Logger } from "@alfred/telemetry";
import { connect } from "@nats-io/transport-node";
import type { NatsConnection } from "@nats-io/transport-node";
import { persist } from "./persistence.ts";

const attemptTimeoutMs = 5_000;
const reconnectWaitMs = 500;
const reconnectJitterMs = 500;

/**
 * A connection that is there as soon as the server is: the first attempt is repeated until it succeeds and afterwards
 * the client reconnects for ever, so that a service starts and works while NATS is down.
 */
export class NatsLink implements AsyncDisposable {
  readonly #stop = new AbortController();
  readonly #opened = Promise.withResolvers<NatsConnection>();
  readonly #opening: Promise<void>;

  constructor(url: string, name: string, log: Logger) {
    // Nobody may be waiting when it is closed unopened.
    this.#opened.promise.catch(() => undefined);
    this.#opening = this.#open(url, name, log);
  }

  /** The connection; rejects when the link is closed, when there is none within `timeoutMs`, or when `signal` is aborted. */
  async connection(timeoutMs: number, signal?: AbortSignal): Promise<NatsConnection> {
    if (this.#stop.signal.aborted) throw closedError();
    const none = Promise.withResolvers<never>();
    const timer = setTimeout(() => none.reject(new Error("NATS is out of reach")), timeoutMs);
    const leave = (): void => none.reject(closedError());
    signal?.addEventListener("abort", leave, { once: true });
    try {
      return await Promise.race([this.#opened.promise, none.promise]);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", leave);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#opening;
    this.#opened.reject(closedError());
    const connection = await this.#opened.promise.catch(() => undefined);
    await connection?.close();
  }

  async #open(url: string, name: string, log: Logger): Promise<void> {
    const attempt = async (): Promise<void> => {
      const connection = await connect({
        ...serversOf(url),
        name,
        timeout: attemptTimeoutMs,
        maxReconnectAttempts: -1,
        reconnectTimeWait: reconnectWaitMs,
        reconnectJitter: reconnectJitterMs,
        ignoreAuthErrorAbort: true,
      });
      this.#opened.resolve(connection);
      void report(connection, log);
    };
    await persist("connecting to NATS", attempt, this.#stop.signal, log);
  }
}

function closedError(): Error {
  return new Error("the event bus is closed");
}

async function report(connection: NatsConnection, log: Logger): Promise<void> {
  for await (const status of connection.status()) {
    if (status.type === "disconnect") log.warn("NATS is out of reach; events wait in the outboxes");
    if (status.type === "reconnect") log.info("NATS is back");
    if (status.type === "error") log.warn({ err: status.error }, "NATS reports an error");
  }
}

/** The servers of a comma-separated list, and the credentials of its first, which the client wants apart. */
function serversOf(urls: string): { servers: string[]; user?: string; pass?: string; token?: string } {
  const parsed = urls.split(",").map((url) => new URL(url.trim()));
  const servers = parsed.map(({ protocol, host }) => `${protocol}//${host}`);
  const [user, pass] = [parsed[0]?.username ?? "", parsed[0]?.password ?? ""].map(decodeURIComponent);
  if (user === undefined || user === "") return { servers };
  return pass === undefined || pass === "" ? { servers, token: user } : { servers, user, pass };
}
