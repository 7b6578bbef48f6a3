import { once } from "node:events";
import { type AddressInfo, type Server, type Socket, connect, createServer } from "node:net";
import { type RpcServer, type SocketTransport, socketTransport } from "@alfred/rpc";
import { type Script, scriptedGateway } from "./rig.ts";

/** A scripted gateway on a socket, and a way to it over a connection that can be cut. */
export class GatewayLink implements AsyncDisposable {
  readonly transport: SocketTransport;
  readonly #gateway: RpcServer;
  readonly #between: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(gateway: RpcServer, port: number, between: Server) {
    this.#gateway = gateway;
    this.#between = between;
    this.transport = socketTransport({ address: `127.0.0.1:${(between.address() as AddressInfo).port}` });
    between.on("connection", (near) => this.#join(near, connect(port, "127.0.0.1")));
  }

  static async start(script: Script): Promise<GatewayLink> {
    const gateway = scriptedGateway(script);
    const port = await gateway.listen("127.0.0.1", 0);
    const between = createServer().listen(0, "127.0.0.1");
    await once(between, "listening");
    return new GatewayLink(gateway, port, between);
  }

  /** Breaks the connection off, as a network does. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Stops the gateway. */
  async stop(): Promise<void> {
    await this.#gateway[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.transport[Symbol.asyncDispose]();
    this.cut();
    this.#between.close();
    await this.stop();
  }

  #join(near: Socket, far: Socket): void {
    for (const [from, to] of [[near, far], [far, near]] as const) {
      this.#sockets.add(from);
      from.on("error", () => undefined);
      from.on("close", () => to.destroy());
      from.pipe(to);
    }
  }
}
