import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";

const START_TIMEOUT_MS = 20_000;
const HOST = "127.0.0.1";

/** Runs in a child: serves on a free port, tells it to the bench, and ends with the bench. */
export function serveFor(server: Server): void {
  server.listen(0, HOST, () => process.send?.({ port: (server.address() as AddressInfo).port }));
  process.on("disconnect", () => process.exit(0));
}

/** A process of the bench itself; disposing ends it. */
export class Child implements Disposable {
  readonly #process: ChildProcess;

  /** @param file in this folder */
  constructor(file: string, args: readonly string[] = []) {
    this.#process = fork(fileURLToPath(new URL(file, import.meta.url)), args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Where a child that calls `serveFor` listens: "http://127.0.0.1:40001". */
  async origin(): Promise<string> {
    const { port } = (await this.message(START_TIMEOUT_MS)) as { port: number };
    return `http://${HOST}:${port}`;
  }

  send(message: object): void {
    this.#process.send(message);
  }

  /** The next message from the child. @throws Error where none comes in time */
  async message(timeoutMs: number): Promise<unknown> {
    const [message] = (await once(this.#process, "message", { signal: AbortSignal.timeout(timeoutMs) })) as [unknown];
    return message;
  }

  [Symbol.dispose](): void {
    this.#process.kill("SIGKILL");
  }
}
