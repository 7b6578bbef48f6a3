// The limit of what a Node proxy can do, a process of its own: reads a request whole, sends it on with undici's
// `dispatch`, and passes the answer back. No keys, no budgets, no records.
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { Agent, type Dispatcher } from "undici";
import { serveFor } from "./child.ts";

const upstream = process.argv[2] ?? "";
const agent = new Agent({ pipelining: 1, keepAliveTimeout: 30_000 });

/** Passes the provider's answer on as it comes. */
class Passage implements Dispatcher.DispatchHandler {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  onRequestStart(): void {}

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    const { "content-type": type = "application/json", "content-length": length } = headers;
    this.#response.writeHead(status, { "content-type": type, ...(length === undefined ? {} : { "content-length": length }) });
    this.#response.on("drain", () => controller.resume());
  }

  onResponseData(controller: Dispatcher.DispatchController, data: Buffer): void {
    if (!this.#response.write(data)) controller.pause();
  }

  onResponseEnd(): void {
    this.#response.end();
  }

  onResponseError(): void {
    if (this.#response.headersSent) this.#response.destroy();
    else this.#response.writeHead(502).end();
  }
}

serveFor(
  createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const { authorization = "", "content-type": type = "application/json" } = request.headers;
      const headers = { authorization, "content-type": type };
      const body = Buffer.concat(parts);
      agent.dispatch({ origin: upstream, path: request.url ?? "/", method: "POST", headers, body }, new Passage(response));
    });
  }),
);
