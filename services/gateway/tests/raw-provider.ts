import { once } from "node:events";
import { type AddressInfo, type Server, type Socket, createServer } from "node:net";

/** The head of a streamed answer that ends with its connection. */
export const STREAM_HEAD = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";

/** What answers a request that has come whole. */
export type Answer = (socket: Socket, request: string) => unknown;

/** A provider by hand: it says on the socket what a test has it say, byte by byte. */
export class RawProvider implements AsyncDisposable {
  readonly url: string;
  /** Requests that have come whole. */
  readonly requests: string[] = [];
  /** Connections that were made to it. */
  connections = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #closed = 0;
  #onClosed = Promise.withResolvers<void>();

  private constructor(server: Server, answer: Answer) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on("connection", (socket) => this.#take(socket, answer));
  }

  static async start(answer: Answer): Promise<RawProvider> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    return new RawProvider(server, answer);
  }

  /** Resolves once a connection is over. */
  async closed(): Promise<void> {
    if (this.#closed === 0) await this.#onClosed.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #take(socket: Socket, answer: Answer): void {
    this.connections += 1;
    this.#sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.#sockets.delete(socket);
      this.#closed += 1;
      this.#onClosed.resolve();
    });
    let request = "";
    socket.setEncoding("utf8").on("data", (text: string) => {
      request += text;
      if (!isWhole(request)) return;
      this.requests.push(request);
      const whole = request;
      request = "";
      void answer(socket, whole);
    });
  }
}

function isWhole(request: string): boolean {
  const end = request.indexOf("\r\n\r\n");
  const length = Number(/content-length: (\d+)/i.exec(request)?.[1] ?? Number.NaN);
  return end !== -1 && Buffer.byteLength(request.slice(end + 4)) >= length;
}

/** A frame of OpenAI's stream with one choice. */
export function frameOf(content: string | undefined, more: { finish?: string; usage?: object; index?: number } = {}): string {
  const { finish = null, usage, index = 0 } = more;
  const choices = [{ index, delta: content === undefined ? {} : { content }, finish_reason: finish }];
  const chunk = { id: "c", object: "chat.completion.chunk", created: 1, model: "gpt-4o-mini", choices, ...(usage && { usage }) };
  return `data: ${JSON.stringify(chunk)}\n\n`;
}

/** The frame that tells the usage and nothing else. */
export function usageFrame(usage: object): string {
  return `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "gpt-4o-mini", choices: [], usage })}\n\n`;
}

export const DONE = "data: [DONE]\n\n";

export function usageOf(prompt: number, answer: number): object {
  return { prompt_tokens: prompt, completion_tokens: answer, total_tokens: prompt + answer };
}
