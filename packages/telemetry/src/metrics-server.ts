import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { MetricRegistry } from "./metrics.ts";

export interface MetricsServerOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly registry: MetricRegistry;
  /** Whether the service can do its work now; an answer other than true, or a failure, makes /ready 503. */
  readonly ready: () => boolean | Promise<boolean>;
}

export interface MetricsServer extends AsyncDisposable {
  /** The port it listens on. */
  readonly port: number;
}

/** How long a whole request to this port may take, in milliseconds. */
const requestTimeoutMs = 10_000;

/**
 * Serves `/metrics` for Prometheus, `/healthz` (the process answers) and `/ready` (it can work) on a port of its own.
 * Rejects when the port cannot be had.
 */
export async function startMetricsServer(options: MetricsServerOptions): Promise<MetricsServer> {
  const server = createServer({ requestTimeout: requestTimeoutMs }, (request, response) => {
    answer(request, response, options).catch(() => reply(response, 500, "failed"));
  });
  await listening(server, options);
  const { port } = server.address() as AddressInfo;
  return { port, [Symbol.asyncDispose]: () => closed(server) };
}

async function answer(request: IncomingMessage, response: ServerResponse, options: MetricsServerOptions): Promise<void> {
  if (request.method !== "GET" && request.method !== "HEAD") return reply(response, 405, "use GET");
  const [path = ""] = (request.url ?? "").split("?", 1);
  switch (path) {
    case "/metrics":
      return reply(response, 200, await options.registry.metrics(), options.registry.contentType);
    case "/healthz":
      return reply(response, 200, "ok");
    case "/ready": {
      const ready = await isReady(options.ready);
      return reply(response, ready ? 200 : 503, ready ? "ready" : "not ready");
    }
    default:
      return reply(response, 404, "there are /metrics, /healthz and /ready");
  }
}

async function isReady(ready: () => boolean | Promise<boolean>): Promise<boolean> {
  try {
    return await ready();
  } catch {
    return false;
  }
}

function reply(response: ServerResponse, status: number, text: string, contentType = "text/plain; charset=utf-8"): void {
  if (response.headersSent) return;
  response.writeHead(status, { "content-type": contentType, "cache-control": "no-store" });
  response.end(text.endsWith("\n") ? text : `${text}\n`);
}

function listening(server: Server, { host, port }: MetricsServerOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(port, host, () => {
    server.removeListener("error", reject);
    resolve();
  });
  return promise;
}

function closed(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeAllConnections();
  return promise;
}
