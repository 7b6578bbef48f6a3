import { setTimeout as delay } from "node:timers/promises";
import { MeshProcess } from "../mesh/mesh-process.ts";

const RESTART_PAUSE_MS = 100;
const ANSWER_TIMEOUT_MS = 2_000;

/** What runs, and how one sees that it does its work. */
export interface SupervisedOptions {
  readonly name: string;
  /** From the repository's root. */
  readonly entry: string;
  readonly env: NodeJS.ProcessEnv;
  /** Answers 200 when the process can do its work. */
  readonly readyUrl: string;
  readonly print: (line: string) => void;
}

/** How a process ended. */
export interface ProcessEnd {
  readonly name: string;
  /** `exit code 1`, `signal SIGKILL`. */
  readonly how: string;
  /** The failpoint that was armed, empty for none. */
  readonly failpoint: string;
  /** Whether it had been killed from here. */
  readonly isKill: boolean;
  /** Whether it could do its work before. */
  readonly wasReady: boolean;
}

/** A process that is started again whenever it ends, as an orchestrator would, until it is disposed of. */
export class Supervised implements AsyncDisposable {
  readonly name: string;
  /** Every end so far. */
  readonly ends: ProcessEnd[] = [];
  readonly #options: SupervisedOptions;
  readonly #running: Promise<void>;
  #child: MeshProcess | undefined;
  #nextFailpoint = "";
  #isKilled = false;
  #isStopping = false;

  constructor(options: SupervisedOptions) {
    this.name = options.name;
    this.#options = options;
    this.#running = this.#run();
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Ends it as `kill -9` does; it comes back by itself, with a failpoint armed where one is named. */
  kill(failpoint = ""): void {
    this.#isKilled = true;
    this.#nextFailpoint = failpoint;
    try {
      process.kill(this.pid, "SIGKILL");
    } catch {
      // It has ended already and is on its way back.
    }
  }

  /** Whether it can do its work now. */
  async isReady(): Promise<boolean> {
    try {
      const response = await fetch(this.#options.readyUrl, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
      await response.body?.cancel();
      return response.ok;
    } catch {
      return false;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopping = true;
    await this.#child?.[Symbol.asyncDispose]();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      await this.#once();
      if (!this.#isStopping) await delay(RESTART_PAUSE_MS);
    }
  }

  async #once(): Promise<void> {
    const { name, entry, env, print } = this.#options;
    const failpoint = this.#nextFailpoint;
    this.#nextFailpoint = "";
    this.#isKilled = false;
    const child = new MeshProcess({ name, entry, env: failpoint === "" ? env : { ...env, ALFRED_FAILPOINTS: failpoint }, print });
    this.#child = child;
    let wasReady = false;
    const watching = new AbortController();
    const watched = this.#untilReady(watching.signal).then((ready) => (wasReady = ready));
    const how = await child.ended;
    watching.abort();
    await watched;
    if (!this.#isStopping) this.ends.push({ name, how, failpoint, isKill: this.#isKilled, wasReady });
  }

  async #untilReady(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      if (await this.isReady()) return true;
      await delay(RESTART_PAUSE_MS);
    }
    return false;
  }
}
