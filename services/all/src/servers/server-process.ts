import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { setTimeout as delay } from "node:timers/promises";
import { StartError } from "../start-error.ts";
import type { KeeperOrder } from "./keeper-order.ts";

const keeperFile = fileURLToPath(new URL("keeper.ts", import.meta.url));
const readyWithinMs = 60_000;
const probeEveryMs = 50;

/** What is started, under which name it is spoken of, and how one sees that it answers. */
export interface ServerOrder extends KeeperOrder {
  readonly name: string;
  /** Takes both streams of the server; appended to, and quoted from when it does not start. */
  readonly logFile: string;
  /** Resolves once a real exchange with the server succeeded; rejects while it does not. */
  readonly probe: () => Promise<void>;
}

/** A running server; disposing stops it and waits until it is gone. */
export class ServerProcess implements AsyncDisposable {
  /** Resolves when the server has ended, wanted or not. */
  readonly ended: Promise<void>;
  readonly #keeper: ChildProcess;

  private constructor(keeper: ChildProcess) {
    this.#keeper = keeper;
    this.ended = new Promise((resolve) => keeper.once("exit", () => resolve()));
  }

  /** Starts the server and waits until it answers; a `StartError` quotes its last words when it does not. */
  static async start(order: ServerOrder): Promise<ServerProcess> {
    const log = createWriteStream(order.logFile, { flags: "a" });
    await once(log, "open");
    const { file, args, cwd, account, stopSignal, removeAfter } = order;
    const words = JSON.stringify({ file, args, cwd, account, stopSignal, removeAfter });
    const keeper = spawn(process.execPath, [keeperFile, words], { stdio: ["pipe", log, log], detached: true });
    const server = new ServerProcess(keeper);
    if (await server.#answers(order)) return server;
    await server[Symbol.asyncDispose]();
    throw new StartError(`${order.name} did not start: ${await lastWords(order.logFile)}`);
  }

  async #answers(order: ServerOrder): Promise<boolean> {
    const deadline = performance.now() + readyWithinMs;
    while (this.#keeper.exitCode === null && performance.now() < deadline) {
      const answered = await order.probe().then(() => true, () => false);
      if (answered) return true;
      await delay(probeEveryMs);
    }
    return false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#keeper.stdin?.end();
    await this.ended;
  }
}

async function lastWords(logFile: string): Promise<string> {
  const log = await readFile(logFile, "utf8").catch(() => "");
  return log.trim().split("\n").slice(-2).join(" / ") || "it said nothing";
}
