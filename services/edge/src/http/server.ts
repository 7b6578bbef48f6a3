import type { Duplex } from "node:stream";
import { newId } from "@alfred/ids";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AlfredError, fail } from "@alfred/errors";
import { isTracing, withExtractedTrace, withSpan, type Logger } from "@alfred/telemetry";
import type { Cors } from "./cors.ts";
import { asAlfredError, errorBody, sendError, statusOf } from "./error-answer.ts";
import type { Exchange } from "./exchange.ts";
import { requestIdentity } from "./identity.ts";
import type { EdgeMetrics } from "../metrics.ts";
import { type OpenAnswers, endedBy } from "./open-answers.ts";
import type { Match, Router } from "./router.ts";

/** What the HTTP server is made of. */
export interface HttpParts {
  readonly router: Router;
  readonly cors: Cors;
  readonly metrics: EdgeMetrics;
  readonly answers: OpenAnswers;
  readonly log: Logger;
}

/** A connection may stay idle a little longer than the minute that load balancers keep theirs. */
const KEEP_ALIVE_MS = 65_000;
/** Five minutes to send a body: the largest at a megabit a second. */
const BODY_MS = 300_000;
/** What is left of a body that was refused is read for so long, in milliseconds. */
const LINGER_MS = 30_000;
/** Connections at once; more are closed. Each costs memory before it has said who it is. */
const MAX_CONNECTIONS = 20_000;

/**
 * The HTTP face: gives each request its id, finds its route, and turns whatever
 * a handler throws into the error answer.
 */
export function createHttpServer(parts: HttpParts): Server {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: BODY_MS, requireHostHeader: false }, (request, response) => {
    void answer(parts, request, response);
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.on("clientError", refuseUnreadable);
  return server;
}

/** Answers what is no HTTP request, in the shape of every other error; no request object exists for it. */
function refuseUnreadable({ code }: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable) return;
  const [status, what] = UNREADABLE.get(code ?? "") ?? ["400 Bad Request", "This is not a valid HTTP/1.1 request."];
  const requestId = newId("req");
  const body = JSON.stringify(errorBody(fail("MALFORMED_BODY", what, { hint: "Correct the request's head." }), requestId));
  const head = [`HTTP/1.1 ${status}`, "connection: close", `x-request-id: ${requestId}`, "content-type: application/json"];
  socket.end(`${[...head, `content-length: ${Buffer.byteLength(body)}`].join("\r\n")}\r\n\r\n${body}`);
}

/** What Node says of requests that are more than malformed. */
const UNREADABLE: ReadonlyMap<string, readonly [status: string, what: string]> = new Map([
  ["HPE_HEADER_OVERFLOW", ["431 Request Header Fields Too Large", "The request's headers are larger than 16 KiB."]],
  ["ERR_HTTP_REQUEST_TIMEOUT", ["408 Request Timeout", "The request did not arrive in time."]],
]);

async function answer(parts: HttpParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const startMs = performance.now();
  const { path, query } = splitUrl(request.url ?? "/");
  const match = parts.router.match(request.method ?? "GET", path);
  const identity = identify(request);
  response.setHeader("x-request-id", identity.requestId);
  // Anthropic's clients look for it under this name.
  response.setHeader("request-id", identity.requestId);
  parts.cors.apply(request, response);
  const signal = parts.answers.add(response);
  let reason = "";
  try {
    if ("allow" in match && parts.cors.preflight(request, response, match.allow)) return;
    if (identity.error !== undefined) throw identity.error;
    const exchange = { request, response, path, query, ...identity, signal };
    await traced(request, match, () => handle(match, exchange));
  } catch (error) {
    reason = refuse(parts, response, asAlfredError(endedBy(signal, error)), { requestId: identity.requestId, match });
  } finally {
    const route = "path" in match ? match.path : "none";
    report(parts, { method: request.method, route, status: response.statusCode, reason, startMs, ...identity });
  }
}

/** Continues the client's trace, if it sent one; free where tracing is off. */
function traced(request: IncomingMessage, match: Match, run: () => Promise<void>): Promise<void> {
  if (!isTracing()) return run();
  const { traceparent = "", tracestate = "" } = request.headers as Record<string, string | undefined>;
  const name = `${request.method} ${"path" in match ? match.path : "unknown"}`;
  return withExtractedTrace({ traceparent, tracestate }, () => withSpan(name, {}, run));
}

/** The request's id; a wrong `Idempotency-Key` is an error that still has an id to be told under. */
function identify(request: IncomingMessage): { requestId: string; idempotent: boolean; error?: unknown } {
  try {
    return requestIdentity(request);
  } catch (error) {
    return { ...requestIdentity({ headers: {} } as IncomingMessage), error };
  }
}

async function handle(match: Match, exchange: Omit<Exchange, "params">): Promise<void> {
  if ("handle" in match) return match.handle({ ...exchange, params: match.params });
  const { method } = exchange.request;
  if (match.allow.length === 0) {
    throw fail("ROUTE_NOT_FOUND", `There is no route ${method} ${exchange.path}.`);
  }
  const allow = match.allow.join(", ");
  throw fail("METHOD_NOT_ALLOWED", `${exchange.path} takes ${allow}, not ${method}.`, {
    metadata: { allow },
  });
}

function refuse(parts: HttpParts, response: ServerResponse, error: AlfredError, { requestId, match }: { requestId: string; match: Match }): string {
  // Nobody is there to be told.
  if (response.destroyed) return "CANCELLED";
  const row = error.row;
  if (row.httpStatus >= 500) parts.log.error({ request_id: requestId, reason: row.name, err: error }, error.message);
  if (response.headersSent) response.destroy();
  else {
    if (!response.req.complete) linger(response.req);
    response.statusCode = statusOf(error);
    sendError(response, error, requestId, "errorBody" in match ? match.errorBody : undefined);
  }
  return row.name;
}

/**
 * Node reads on, and throws away, what is left of a refused body, for a connection that was closed under a client that still sends
 * would take the answer with it. That ends after a while, as nginx' `lingering_time` has it.
 */
function linger(request: IncomingMessage): void {
  const end = setTimeout(() => request.socket.destroy(), LINGER_MS).unref();
  request.once("close", () => clearTimeout(end));
}

interface Outcome {
  readonly method: string | undefined;
  readonly route: string;
  readonly status: number;
  readonly reason: string;
  readonly startMs: number;
  readonly requestId: string;
}

function report({ metrics, log }: HttpParts, outcome: Outcome): void {
  const durationMs = performance.now() - outcome.startMs;
  metrics.observe(outcome.route, outcome.status, durationMs);
  if (!log.isLevelEnabled("debug")) return;
  const { method, route, status, reason, requestId } = outcome;
  log.debug({ request_id: requestId, method, route, status, reason, duration_ms: Math.round(durationMs) }, "request");
}

function splitUrl(url: string): { path: string; query: URLSearchParams } {
  const mark = url.indexOf("?");
  if (mark === -1) return { path: url, query: new URLSearchParams() };
  return { path: url.slice(0, mark), query: new URLSearchParams(url.slice(mark + 1)) };
}
