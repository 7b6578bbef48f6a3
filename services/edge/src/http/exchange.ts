import type { IncomingMessage, ServerResponse } from "node:http";

/** One HTTP request and its answer, as handlers see it. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The path without its query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** What the route's path says, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** The id that money moves under: minted here, or of the client's `Idempotency-Key`. */
  readonly requestId: string;
  /** Whether the client chose the id, by its `Idempotency-Key`. */
  readonly idempotent: boolean;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
}

/** Sends a JSON body. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    ...headers,
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}

/** Sends plain text. */
export function sendText(response: ServerResponse, text: string, headers: Readonly<Record<string, string>>): void {
  response.writeHead(200, { ...headers, "content-type": "text/plain; charset=utf-8", "content-length": Buffer.byteLength(text) });
  response.end(text);
}

/** A header's value; where it was sent several times, the first. */
export function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
