import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { GatewayServiceService } from "@alfred/contracts";
import { checkHealth, type Client, createClient, type SocketTransport, socketTransport } from "@alfred/rpc";
import { freePort } from "../src/servers/free-port.ts";
import type { Mesh } from "./mesh.ts";

const ENTRY = fileURLToPath(new URL("../../gateway/src/main.ts", import.meta.url));
const START_TIMEOUT_MS = 30_000;

/** Another gateway beside the mesh's own: a process of its own, with a journal of its own. */
export class SecondGateway implements AsyncDisposable {
  readonly #environment: NodeJS.ProcessEnv;
  readonly #transport: SocketTransport;
  #child: ChildProcess;
  #output = "";

  private constructor(environment: NodeJS.ProcessEnv) {
    this.#environment = environment;
    this.#transport = socketTransport({ address: `127.0.0.1:${environment["ALFRED_GATEWAY_PORT"]}` });
    this.#child = this.#spawn();
  }

  static async start(mesh: Mesh, name: string): Promise<SecondGateway> {
    const secrets = JSON.parse(await readFile(join(mesh.home, "secrets.json"), "utf8")) as Record<string, string>;
    const peers = (["WALLET", "METERING", "DIRECTORY"] as const).map((peer) => [`ALFRED_${peer}_ADDRESS`, mesh.address(peer)]);
    const gateway = new SecondGateway({
      ...(Object.fromEntries(peers) as NodeJS.ProcessEnv),
      PATH: process.env["PATH"],
      ALFRED_LOG_LEVEL: "warn",
      ALFRED_SERVICE_TOKEN: secrets["ALFRED_SERVICE_TOKEN"],
      ALFRED_GATEWAY_PORT: String(await freePort()),
      ALFRED_GATEWAY_METRICS_PORT: String(await freePort()),
      ALFRED_GATEWAY_JOURNAL: join(mesh.home, name),
    });
    await gateway.#untilReady();
    return gateway;
  }

  /** A client of it that asks with this key. */
  as(token: string): Client<typeof GatewayServiceService> {
    return createClient(GatewayServiceService, this.#transport, { token, timeoutMs: 30_000 });
  }

  /** Its exit code, once it has ended by itself. */
  async ended(): Promise<number | null> {
    if (this.#child.exitCode === null) await once(this.#child, "exit");
    return this.#child.exitCode;
  }

  /** Ends it as a crash does. */
  async kill(): Promise<void> {
    const exit = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exit;
  }

  /** Starts it again on its journal. */
  async restart(): Promise<void> {
    this.#child = this.#spawn();
    await this.#untilReady();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const exit = once(this.#child, "exit");
      this.#child.kill("SIGTERM");
      await exit;
    }
    await this.#transport[Symbol.asyncDispose]();
  }

  #spawn(): ChildProcess {
    const child = spawn(process.execPath, [ENTRY], { env: this.#environment, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (data: Buffer) => (this.#output += data.toString()));
    return child;
  }

  async #untilReady(): Promise<void> {
    const giveUp = AbortSignal.timeout(START_TIMEOUT_MS);
    while (!(await checkHealth(this.#transport))) {
      if (giveUp.aborted || this.#child.exitCode !== null) throw new Error(`The gateway did not start:\n${this.#output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
