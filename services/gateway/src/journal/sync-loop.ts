/** Puts on the disk what was written, one sync at a time: soon, so that one serves many writes, or at once. */
export class SyncLoop {
  readonly #sync: () => Promise<void>;
  readonly #delayMs: number;
  #timer: NodeJS.Timeout | undefined;
  #isRunning = false;
  /** What was asked for while a sync ran, which may have come too late for it. */
  #wanted: "soon" | "now" | undefined;
  #next: PromiseWithResolvers<void> | undefined;

  /** `sync` never rejects; what is asked for soon starts within `delayMs`. */
  constructor(sync: () => Promise<void>, delayMs: number) {
    this.#sync = sync;
    this.#delayMs = delayMs;
  }

  request(when: "soon" | "now"): void {
    if (this.#isRunning) {
      if (this.#wanted !== "now") this.#wanted = when;
    } else if (when === "now") {
      void this.#run();
    } else {
      this.#timer ??= setTimeout(() => void this.#run(), this.#delayMs);
    }
  }

  /** Starts one at once, or as soon as the running one has ended; resolves when it has ended, as all before it have. */
  run(): Promise<void> {
    this.#next ??= Promise.withResolvers();
    const { promise } = this.#next;
    this.request("now");
    return promise;
  }

  async #run(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const served = this.#next;
    this.#next = undefined;
    this.#isRunning = true;
    await this.#sync();
    this.#isRunning = false;
    served?.resolve();
    const wanted = this.#wanted;
    this.#wanted = undefined;
    if (wanted !== undefined) this.request(wanted);
  }
}
