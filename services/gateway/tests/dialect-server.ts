import { once } from "node:events";
import { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { isObject } from "@alfred/openai";

/** What a provider answers with: JSON, or the bytes of a stream. */
export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly stream?: Buffer;
  /** Bytes of the stream per write; all at once unless stated. */
  readonly pieceBytes?: number;
  /** What becomes of the connection after the last byte; it ends as it should unless stated. */
  readonly end?: "stays open" | "breaks off";
}

/** A request as it came. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A server that answers as it is told, and keeps what it was asked. */
export class DialectServer implements AsyncDisposable {
  readonly url: string;
  readonly requests: Received[] = [];
  readonly #server: ReturnType<typeof createServer>;
  readonly #replies: Reply[] = [];

  private constructor(server: ReturnType<typeof createServer>) {
    this.#server = server;
    const { port } = server.address() as AddressInfo;
    this.url = `http://127.0.0.1:${port}`;
    server.on("request", (request, response) => void this.#serve(request, response));
  }

  static async start(): Promise<DialectServer> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new DialectServer(server);
  }

  /** Answers the next requests with these, in their order; who asks more often gets the last again. */
  answer(...replies: Reply[]): void {
    this.#replies.splice(0, this.#replies.length, ...replies);
  }

  get last(): Received | undefined {
    return this.requests.at(-1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
    this.requests.push({ path: request.url ?? "", headers: request.headers, body: isObject(body) ? body : {} });
    const reply = this.#replies.length > 1 ? this.#replies.shift() : this.#replies[0];
    await send(response, reply ?? { status: 500 });
  }
}

async function send(response: ServerResponse, { status = 200, headers, json, stream, pieceBytes, end }: Reply): Promise<void> {
  const type = stream === undefined ? "application/json" : "text/event-stream";
  response.writeHead(status, { "content-type": type, ...headers });
  const bytes = stream ?? Buffer.from(json === undefined ? "" : JSON.stringify(json));
  const step = pieceBytes ?? bytes.length;
  for (let at = 0; at < bytes.length; at += step) {
    response.write(bytes.subarray(at, at + step));
    // A write of its own on the socket for each piece.
    await turn();
  }
  if (end === "breaks off") response.destroy();
  else if (end !== "stays open") response.end();
}
