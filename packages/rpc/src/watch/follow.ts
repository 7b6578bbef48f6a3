import { setTimeout as pause } from "node:timers/promises";
import { fail } from "@alfred/errors";
import type { Logger } from "@alfred/telemetry";
import { backoffMs } from "../client/retry.ts";
import type { WatchEvent } from "./watch-stream.ts";

/** One message of a watch. */
export interface WatchResponse {
  readonly event?: WatchEvent | undefined;
}

/** The event of a watch's messages. */
export type EventOf<Response extends WatchResponse> = NonNullable<Response["event"]>;

/** How to follow a watch. */
export interface FollowOptions<Response extends WatchResponse> {
  /** What is followed, for the log: "keys". */
  readonly name: string;
  /** Opens the watch: `(revision, signal) => client.watchKeys({ revision }, { signal })`. */
  open(revision: bigint, signal: AbortSignal): AsyncIterable<Response>;
  /**
   * Takes each event, `snapshotStarted` and `synced` included, one after the other. Events since the last `synced`
   * may come again after a reconnection.
   */
  apply(event: EventOf<Response>): void | Promise<void>;
  /** Ends it. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Where to resume; 0n, the default, asks for all there is. */
  readonly revision?: bigint;
  /** A watch that says nothing for so long is opened anew; default 15,000 ms, three heartbeats. */
  readonly silenceMs?: number;
}

const SILENCE_MS = 15_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Follows a watch until the signal fires: opens it again when it ends, fails or falls silent, after a pause that grows
 * from 0.1 to 2 s, and resumes from the last revision. Resolves when the signal fires, never rejects.
 */
export async function follow<Response extends WatchResponse>(options: FollowOptions<Response>): Promise<void> {
  const { signal } = options;
  const follower = new Follower(options);
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    const hasSynced = await follower.attempt();
    if (hasSynced) attempt = 1;
    // The pause is cut short by the signal, which also ends the loop.
    await pause(backoffMs(attempt, FIRST_PAUSE_MS, LONGEST_PAUSE_MS), undefined, { signal }).catch(() => undefined);
  }
}

class Follower<Response extends WatchResponse> {
  readonly #options: FollowOptions<Response>;
  #revision: bigint;
  #isDown = false;

  constructor(options: FollowOptions<Response>) {
    this.#options = options;
    this.#revision = options.revision ?? 0n;
  }

  /** Follows until it ends for whatever reason; says whether it got as far as `synced`. */
  async attempt(): Promise<boolean> {
    const { signal, silenceMs = SILENCE_MS } = this.#options;
    using silence = new Silence(silenceMs, signal);
    let hasSynced = false;
    try {
      for await (const { event } of this.#options.open(this.#revision, silence.signal)) {
        silence.broken();
        if (event === undefined) continue;
        await this.#options.apply(event);
        if (this.#note(event)) hasSynced = true;
      }
    } catch (error) {
      if (!signal.aborted) this.#failed(silence.signal.aborted ? silence.signal.reason : error);
    }
    return hasSynced;
  }

  // A snapshot that breaks off leaves neither the old state nor the new one, so it must be asked for again.
  #note(event: WatchEvent): boolean {
    if (event.$case === "snapshotStarted") this.#revision = 0n;
    if (event.$case !== "synced") return false;
    this.#revision = revisionOf(event.value);
    if (this.#isDown) this.#options.log.info({ watch: this.#options.name }, "the watch is back");
    this.#isDown = false;
    return true;
  }

  #failed(err: unknown): void {
    const level = this.#isDown ? "debug" : "warn";
    this.#options.log[level]({ err, watch: this.#options.name }, "the watch broke off and is opened again");
    this.#isDown = true;
  }
}

function revisionOf(value: unknown): bigint {
  if (typeof value === "object" && value !== null && "revision" in value && typeof value.revision === "bigint") {
    return value.revision;
  }
  throw new TypeError("A synced event carries a revision.");
}

/** A signal that fires with its parent, or when nothing was heard for too long. */
class Silence implements Disposable {
  readonly #controller = new AbortController();
  readonly #parent: AbortSignal;
  readonly #timer: NodeJS.Timeout;
  readonly #abort = (): void => this.#controller.abort();

  constructor(silenceMs: number, parent: AbortSignal) {
    this.#parent = parent;
    this.#timer = setTimeout(() => this.#controller.abort(fail("UNAVAILABLE", "The watch fell silent.")), silenceMs);
    if (parent.aborted) this.#abort();
    else parent.addEventListener("abort", this.#abort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  broken(): void {
    this.#timer.refresh();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#parent.removeEventListener("abort", this.#abort);
  }
}
