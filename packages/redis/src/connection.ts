import type { Logger } from "@alfred/telemetry";
import { Redis } from "ioredis";

export interface RedisOptions {
  /** "redis://127.0.0.1:6379", or rediss:// for TLS. */
  readonly url: string;
  readonly log: Logger;
  /** How long one command may take, in milliseconds; 250 unless stated. */
  readonly commandTimeoutMs?: number;
}

/** A client that reconnects for ever, and disposes of itself. */
export interface RedisConnection extends AsyncDisposable {
  readonly client: Redis;
  /** Whether commands can be sent now. */
  readonly ready: boolean;
}

const connectTimeoutMs = 2_000;
const longestReconnectMs = 2_000;
const quitTimeoutMs = 1_000;

/**
 * Connects to Redis in the background. A command rejects at once while Redis is out of reach, and after the command
 * timeout where it does not answer: Redis is a cache here, and nobody waits for it. One line is logged when it goes
 * and one when it comes back.
 */
export function connectRedis({ url, log, commandTimeoutMs = 250 }: RedisOptions): RedisConnection {
  const client = new Redis(url, {
    commandTimeout: commandTimeoutMs,
    connectTimeout: connectTimeoutMs,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    retryStrategy: (attempt) => Math.min(longestReconnectMs, 50 * 2 ** Math.min(attempt, 8)),
  });
  reportOutages(client, log);
  return {
    client,
    get ready() {
      return client.status === "ready";
    },
    [Symbol.asyncDispose]: () => closed(client),
  };
}

function reportOutages(client: Redis, log: Logger): void {
  let out = false;
  // Without a listener, the client's error event would end the process.
  client.on("error", (error: Error) => {
    if (!out) log.warn({ err: error }, "Redis is out of reach; going on without it");
    out = true;
  });
  client.on("close", () => {
    if (!out && client.status !== "end") log.warn("the connection to Redis was lost; going on without it");
    out = true;
  });
  client.on("ready", () => {
    if (out) log.info("Redis is back");
    out = false;
  });
}

async function closed(client: Redis): Promise<void> {
  client.removeAllListeners("close");
  const timer = setTimeout(() => client.disconnect(), quitTimeoutMs);
  await client.quit().catch(() => undefined);
  clearTimeout(timer);
  client.disconnect();
}
