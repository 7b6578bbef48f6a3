import type { Logger } from "@alfred/telemetry";

export interface LifecycleOptions {
  readonly log: Logger;
  /** How long each step may take to stop, in milliseconds; 10 s unless stated. */
  readonly stopTimeoutMs?: number;
}

interface Step {
  readonly name: string;
  readonly stop: () => PromiseLike<void> | void;
  readonly timeoutMs: number;
}

/**
 * What a process has started, in order. Disposing stops it in reverse: each step has a bound, and one that fails or
 * hangs is logged and passed over, so that the rest still stop.
 *
 *     await using lifecycle = new Lifecycle({ log });
 *     const pool = await lifecycle.start("database", () => openPool());
 *     lifecycle.defer("listener", () => server.close());
 */
export class Lifecycle implements AsyncDisposable {
  readonly #log: Logger;
  readonly #stopTimeoutMs: number;
  readonly #steps: Step[] = [];
  #stopping: Promise<void> | undefined;

  constructor({ log, stopTimeoutMs = 10_000 }: LifecycleOptions) {
    this.#log = log;
    this.#stopTimeoutMs = stopTimeoutMs;
  }

  /**
   * Starts a part and keeps it. Rejects with the part's own failure; what was started before is stopped when the
   * lifecycle is disposed.
   */
  async start<Part extends AsyncDisposable | Disposable>(name: string, start: () => Part | Promise<Part>): Promise<Part> {
    this.#refuseWhenStopping(name);
    const part = this.use(name, await start());
    if (this.#stopping === undefined) return part;
    // It came after the others had gone: nobody else would stop it.
    await this.#stopAll();
    throw stoppingError(name);
  }

  /** Keeps a part that runs already. */
  use<Part extends AsyncDisposable | Disposable>(name: string, part: Part, options: { timeoutMs?: number } = {}): Part {
    this.defer(name, () => (Symbol.asyncDispose in part ? part[Symbol.asyncDispose]() : part[Symbol.dispose]()), options);
    return part;
  }

  /** Has `stop` called when this step's turn to stop comes. */
  defer(name: string, stop: () => PromiseLike<void> | void, options: { timeoutMs?: number } = {}): void {
    this.#steps.push({ name, stop, timeoutMs: options.timeoutMs ?? this.#stopTimeoutMs });
  }

  /** Stops everything, the last started first. Never rejects; a second call waits for the first. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #refuseWhenStopping(name: string): void {
    if (this.#stopping !== undefined) throw stoppingError(name);
  }

  async #stopAll(): Promise<void> {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      await this.#stopOne(step);
    }
  }

  async #stopOne({ name, stop, timeoutMs }: Step): Promise<void> {
    const timeout = Promise.withResolvers<"late">();
    const timer = setTimeout(() => timeout.resolve("late"), timeoutMs);
    try {
      const outcome = await Promise.race([Promise.resolve().then(stop), timeout.promise]);
      if (outcome === "late") this.#log.error({ step: name, timeout_ms: timeoutMs }, `${name} did not stop in time`);
      else this.#log.debug({ step: name }, `${name} stopped`);
    } catch (error) {
      this.#log.error({ step: name, err: error }, `${name} failed to stop`);
    } finally {
      clearTimeout(timer);
    }
  }
}

function stoppingError(name: string): Error {
  return new Error(`${name} is not started: the process is stopping`);
}
