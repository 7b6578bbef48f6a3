import type { IncomingMessage, ServerResponse } from "node:http";
import { header } from "./exchange.ts";

const EXPOSED = [
  "retry-after",
  "x-alfred-attempts",
  "x-alfred-attempts-detail",
  "x-alfred-budget-warning",
  "x-alfred-cost-usd",
  "x-alfred-cut-reason",
  "x-alfred-experiment",
  "x-alfred-dry-run",
  "x-alfred-model",
  "x-alfred-provider",
  "x-alfred-remaining-usd",
  "x-alfred-route-rule",
  "x-alfred-worst-cost-usd",
  "x-ratelimit-limit-requests",
  "x-ratelimit-remaining-requests",
  "x-ratelimit-reset-requests",
  "x-request-id",
  "x-should-retry",
].join(", ");

/**
 * Lets pages call from the origins allowed. Keys travel in headers and never in
 * cookies, so allowing every origin gives no page anything it did not have.
 */
export class Cors {
  readonly #origins: ReadonlySet<string>;

  /** @param origins those allowed; "*" for all */
  constructor(origins: readonly string[]) {
    this.#origins = new Set(origins);
  }

  /** Sets the headers that every answer to a page needs. */
  apply(request: IncomingMessage, response: ServerResponse): void {
    const origin = header(request, "origin");
    if (origin === undefined) return;
    const all = this.#origins.has("*");
    if (!all) response.setHeader("vary", "origin");
    if (!all && !this.#origins.has(origin)) return;
    response.setHeader("access-control-allow-origin", all ? "*" : origin);
    response.setHeader("access-control-expose-headers", EXPOSED);
  }

  /** Answers a preflight; whether it was one. */
  preflight(request: IncomingMessage, response: ServerResponse, allow: readonly string[]): boolean {
    if (request.method !== "OPTIONS" || header(request, "access-control-request-method") === undefined) return false;
    const wanted = header(request, "access-control-request-headers");
    response.writeHead(204, {
      "access-control-allow-methods": allow.join(", "),
      ...(wanted === undefined ? {} : { "access-control-allow-headers": wanted }),
      "access-control-max-age": "86400",
    });
    response.end();
    return true;
  }
}
