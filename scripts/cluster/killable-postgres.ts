import { readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "../../services/all/src/servers/free-port.ts";
import type { RunningServer } from "../../services/all/src/servers/place.ts";
import { startPostgres } from "../../services/all/src/servers/postgres.ts";
import { StartError } from "../../services/all/src/start-error.ts";
import { findServer } from "../servers/binaries.ts";
import { installServers } from "../servers/debian-packages.ts";

const ATTEMPTS = 20;
const PAUSE_MS = 200;

/** A Postgres that keeps what it commits, on one port for good; it can be killed whole and started again. */
export class KillablePostgres implements AsyncDisposable {
  readonly #folder: string;
  readonly #program: string;
  readonly #port: number;
  #running: RunningServer;

  private constructor(made: { folder: string; program: string; port: number; running: RunningServer }) {
    this.#folder = made.folder;
    this.#program = made.program;
    this.#port = made.port;
    this.#running = made.running;
  }

  /** @param folder takes data and log */
  static async start(folder: string): Promise<KillablePostgres> {
    if (process.platform !== "linux") throw new StartError("The processes of Postgres are found in /proc, which only Linux has.");
    const program = (await findServer("postgres")) ?? (await installed());
    const port = await freePort();
    const running = await startPostgres({ program, folder, lasting: true, port });
    return new KillablePostgres({ folder, program, port, running });
  }

  get url(): string {
    return this.#running.url;
  }

  /** Ends all its processes as `kill -9` does, and starts it again; resolves when it answers. */
  async kill(pauseMs: number): Promise<void> {
    const postmaster = Number((await readFile(join(this.#folder, "postgres", "data", "postmaster.pid"), "utf8")).split("\n")[0]);
    // The postmaster first, so that it starts nothing anew; its children outlive it for a moment.
    for (const pid of [postmaster, ...(await childrenOf(postmaster))]) killNow(pid);
    await this.#running.server.ended;
    await delay(pauseMs);
    this.#running = await this.#startAgain();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running.server[Symbol.asyncDispose]();
  }

  /** The dead server's shared memory may take a moment to go. */
  async #startAgain(): Promise<RunningServer> {
    const place = { program: this.#program, folder: this.#folder, lasting: true, port: this.#port };
    for (let attempt = 1; attempt < ATTEMPTS; attempt += 1) {
      const running = await startPostgres(place).catch((error: unknown) => {
        if (error instanceof StartError) return undefined;
        throw error;
      });
      if (running !== undefined) return running;
      await delay(PAUSE_MS);
    }
    return await startPostgres(place);
  }
}

async function installed(): Promise<string> {
  await installServers(["postgres"], () => undefined);
  const program = await findServer("postgres");
  if (program === undefined) throw new StartError("apt-get installed no program for postgres");
  return program;
}

async function childrenOf(parent: number): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  return pids.filter((pid) => parentOf(pid) === parent);
}

function parentOf(pid: number): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The program's name, in brackets, may hold blanks.
    return Number(status.slice(status.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return undefined;
  }
}

function killNow(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Gone by itself.
  }
}
