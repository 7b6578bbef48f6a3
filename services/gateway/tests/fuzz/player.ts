import { once } from "node:events";
import { type AddressInfo, type Server, type Socket, createServer } from "node:net";
import { setImmediate as turn } from "node:timers/promises";

/** What is played to one request: writes of their own on the socket, and what becomes of the connection then. */
export interface Play {
  readonly writes: readonly Buffer[];
  /** It is kept for the next request, ended as by a provider that is done, or reset. */
  readonly after: "kept" | "ended" | "reset";
}

const HEAD = Buffer.from("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n");
const LAST = Buffer.from("0\r\n\r\n");
const BLANK = /\r?\n\r?\n/g;

/** A body as HTTP sends it in chunks, one for each event, without the chunk that says it is over. */
export function chunked(body: Buffer): Buffer {
  const text = body.toString("latin1");
  const ends = [...text.matchAll(BLANK)].map(({ index, 0: blank }) => index + blank.length);
  if (ends.at(-1) !== text.length) ends.push(text.length);
  const starts = [0, ...ends];
  const pieces = ends.map((end, at) => body.subarray(starts[at], end)).filter((piece) => piece.length > 0);
  return Buffer.concat([HEAD, ...pieces.flatMap((piece) => [Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from("\r\n")])]);
}

/** A whole answer, from its status to the end that HTTP gives it. */
export function whole(body: Buffer): Buffer {
  return Buffer.concat([chunked(body), LAST]);
}

/** A provider on a socket, which plays to each request what was told for its id, byte for byte. */
export class Player implements AsyncDisposable {
  readonly url: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #plays = new Map<string, Play>();

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on("connection", (socket) => this.#accept(socket));
  }

  static async start(): Promise<Player> {
    const server = createServer({ noDelay: true });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new Player(server);
  }

  /** What the request of this id gets, as often as it asks. */
  set(requestId: string, play: Play): void {
    this.#plays.set(requestId, play);
  }

  forget(requestId: string): void {
    this.#plays.delete(requestId);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    // The other side breaks off as it likes.
    socket.on("error", () => undefined);
    socket.on("close", () => this.#sockets.delete(socket));
    let heard = "";
    socket.on("data", (bytes) => {
      heard += bytes.toString("latin1");
      const requestId = requestIn(heard);
      if (requestId === undefined) return;
      heard = "";
      void this.#play(socket, this.#plays.get(requestId) ?? { writes: [], after: "reset" });
    });
  }

  async #play(socket: Socket, { writes, after }: Play): Promise<void> {
    for (const bytes of writes) {
      if (socket.destroyed) return;
      socket.write(bytes);
      // So that the gateway, which shares this process, reads it before the next comes.
      await turn();
      await turn();
    }
    if (after === "ended") socket.end();
    if (after === "reset") socket.resetAndDestroy();
  }
}

/** The id of a request that is there whole; connections carry one at a time. */
function requestIn(text: string): string | undefined {
  const end = text.indexOf("\r\n\r\n");
  if (end === -1) return undefined;
  const head = text.slice(0, end);
  const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0);
  if (text.length < end + 4 + length) return undefined;
  return /^x-client-request-id: (\S+)$/im.exec(head)?.[1];
}
