import { once } from "node:events";
import { createServer } from "node:net";

/** Below the range from which systems take the ports of outgoing connections, so that none is lost to one. */
const LOWEST_PORT = 10_000;
const PORTS = 20_000;

/** A TCP port of 127.0.0.1 that was free a moment ago; whoever binds it must be ready to ask again. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST_PORT + Math.floor(Math.random() * PORTS);
    const server = createServer().listen(port, "127.0.0.1");
    if (!(await once(server, "listening").then(() => true, () => false))) continue;
    await once(server.close(), "close");
    return port;
  }
}
