import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";

/** For tests of outages: stands between a client and a server on this machine, and can be cut and restored, or fall silent. */
export class FlakyProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #target: URL;
  #mode: "open" | "cut" | "silent" = "open";

  private constructor(target: URL) {
    this.#target = target;
    this.#server = createServer((client) => this.#accept(client));
  }

  static async start(url: string): Promise<FlakyProxy> {
    const proxy = new FlakyProxy(new URL(url));
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  /** The server's URL, by way of the proxy. */
  get url(): string {
    const url = new URL(this.#target);
    url.hostname = "127.0.0.1";
    url.port = String((this.#server.address() as AddressInfo).port);
    return url.href;
  }

  /** Ends all connections and every new one. */
  cut(): void {
    this.#mode = "cut";
    this.#endAll();
  }

  /** Keeps connections but carries nothing on. */
  silence(): void {
    this.#mode = "silent";
  }

  restore(): void {
    this.#mode = "open";
    this.#endAll();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#endAll();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(client: Socket): void {
    if (this.#mode === "cut") {
      client.destroy();
      return;
    }
    const server = connect(Number(this.#target.port), this.#target.hostname);
    for (const [from, to] of [[client, server], [server, client]] as const) {
      this.#sockets.add(from);
      from.on("data", (chunk) => this.#mode === "open" && to.write(chunk));
      from.on("error", () => undefined);
      from.on("close", () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
  }

  #endAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
