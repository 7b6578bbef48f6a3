import type { Dispatcher } from "undici";
import type { Tally } from "./tally.ts";

const LINE_FEED = 10;
const KEPT_CHARACTERS = 300;

/** One request; counts its chunks as they come and resolves when the answer is whole. */
export class LoadCall implements Dispatcher.DispatchHandler {
  readonly done: Promise<void>;
  readonly #done = Promise.withResolvers<void>();
  readonly #tally: Tally;
  readonly #sentAt = performance.now();
  #status = 0;
  #isStream = false;
  #lineFeeds = 0;
  #tail = "";

  constructor(tally: Tally) {
    this.#tally = tally;
    this.done = this.#done.promise;
  }

  onRequestStart(): void {}

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: { readonly "content-type"?: string | undefined }): void {
    this.#status = status;
    this.#isStream = headers["content-type"]?.startsWith("text/event-stream") ?? false;
  }

  onResponseData(_controller: Dispatcher.DispatchController, data: Buffer): void {
    if (this.#status !== 200) this.#tail += data.toString("utf8");
    if (!this.#isStream) return;
    const before = this.#lineFeeds >> 1;
    for (let at = data.indexOf(LINE_FEED); at !== -1; at = data.indexOf(LINE_FEED, at + 1)) this.#lineFeeds += 1;
    this.#tally.arrived((this.#lineFeeds >> 1) - before);
    this.#tail = data.subarray(-KEPT_CHARACTERS).toString("utf8");
  }

  onResponseEnd(): void {
    const isWhole = this.#status === 200 && (!this.#isStream || this.#tail.endsWith("data: [DONE]\n\n"));
    if (isWhole) {
      this.#tally.answered();
      this.#tally.timed(this.#sentAt);
    } else this.#tally.failed(`status ${this.#status}: ${this.#tail.slice(0, KEPT_CHARACTERS)}`);
    this.#done.resolve();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#tally.failed(error.message);
    this.#done.resolve();
  }
}
