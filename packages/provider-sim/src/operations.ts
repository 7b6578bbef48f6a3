import type { IncomingMessage, ServerResponse } from "node:http";
import type { SimMetrics } from "./metrics.ts";
import type { RequestLog } from "./request-log.ts";

/** Requests that the page at `/requests` shows without a `limit` of its own. */
const SHOWN_REQUESTS = 100;

/** Looked at before an address is parsed: requests of the APIs are many. */
const PAGES = /^\/(healthz|metrics|requests)(\?|$)/;

interface Page {
  readonly contentType: string;
  readonly body: string;
}

/** The pages for whoever runs the simulator. They need no key, meet no fault and are not logged. */
export class Operations {
  readonly #log: RequestLog;
  readonly #metrics: SimMetrics;

  constructor(log: RequestLog, metrics: SimMetrics) {
    this.#log = log;
    this.#metrics = metrics;
  }

  /** Answers `/healthz`, `/metrics` and `/requests`; false for any other path. */
  answer(request: IncomingMessage, response: ServerResponse): boolean {
    const url = request.url ?? "";
    if (!PAGES.test(url)) return false;
    const page = this.#page(request.method ?? "", new URL(url, "http://sim"));
    if (page === undefined) return false;
    response.writeHead(200, { "Content-Type": page.contentType, "Content-Length": Buffer.byteLength(page.body) });
    response.end(request.method === "HEAD" ? undefined : page.body);
    return true;
  }

  #page(method: string, { pathname, searchParams }: URL): Page | undefined {
    if (pathname === "/healthz") return { contentType: "application/json", body: `{"status":"ok"}` };
    if (pathname === "/metrics") return { contentType: "text/plain; version=0.0.4", body: this.#metrics.render() };
    if (pathname !== "/requests") return undefined;
    if (method === "DELETE") this.#log.clear();
    return { contentType: "application/json", body: this.#requests(searchParams.get("limit")) };
  }

  /** The newest requests, oldest first. */
  #requests(limitText: string | null): string {
    const limit = limitText === null ? SHOWN_REQUESTS : Math.max(0, Math.trunc(Number(limitText)) || 0);
    const records = this.#log.entries();
    return JSON.stringify({ total: records.length, requests: limit === 0 ? [] : records.slice(-limit) });
  }
}
