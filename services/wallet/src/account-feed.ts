import { fail } from "@alfred/errors";
import type { Logger } from "@alfred/telemetry";
import type { AccountState } from "./domain/account.ts";
import type { AccountChanges, Accounts } from "./domain/ports.ts";

export interface AccountFeedParts {
  readonly accounts: Accounts;
  readonly log: Logger;
}

/** No watcher hears more often, and all that changed meanwhile is read with one query. */
const TICK_MS = 100;
/** Every so many ticks all watched accounts are read, for what other processes did and for windows that ended. */
const TICKS_PER_POLL = 10;
/** Within the five seconds after which watch.proto promises a sign of life. */
const HEARTBEAT_MS = 4_000;
const MAX_WATCHERS = 10_000;

/** Someone who watches: the latest state not yet taken, and how to wake them. */
class Watcher {
  latest: AccountState | undefined;
  #wake = Promise.withResolvers<void>();

  tell(state: AccountState): void {
    this.latest = state;
    this.wake();
  }

  wake(): void {
    this.#wake.resolve();
  }

  /** The next state, or undefined when none came in time or the watcher was woken without one. */
  async next(timeoutMs: number): Promise<AccountState | undefined> {
    const timer = setTimeout(() => this.wake(), timeoutMs);
    await this.#wake.promise;
    clearTimeout(timer);
    this.#wake = Promise.withResolvers();
    const state = this.latest;
    this.latest = undefined;
    return state;
  }
}

interface Watched {
  readonly watchers: Set<Watcher>;
  /** The state last told, as text. */
  told: string;
}

/**
 * Tells watchers of new states of accounts. However many watch, the database is asked at most once a tick: for what
 * this process changed, and every second for all that is watched.
 */
export class AccountFeed implements AccountChanges, Disposable {
  readonly #parts: AccountFeedParts;
  readonly #watched = new Map<string, Watched>();
  readonly #touched = new Set<string>();
  #watchers = 0;
  #ticks = 0;
  #timer: NodeJS.Timeout | undefined;
  #isReading = false;

  constructor(parts: AccountFeedParts) {
    this.#parts = parts;
  }

  /** Notes accounts that this process changed. */
  touch(ids: Iterable<string>): void {
    for (const id of ids) if (this.#watched.has(id)) this.#touched.add(id);
  }

  async *states(accountId: string, signal: AbortSignal): AsyncGenerator<AccountState | "idle", void, undefined> {
    const { watched, watcher } = this.#join(accountId);
    const wake = (): void => watcher.wake();
    signal.addEventListener("abort", wake);
    try {
      const first = (await this.#parts.accounts.read([accountId])).get(accountId);
      if (first !== undefined) {
        watched.told ||= textOf(first);
        yield first;
      }
      while (!signal.aborted) yield (await watcher.next(HEARTBEAT_MS)) ?? "idle";
    } finally {
      signal.removeEventListener("abort", wake);
      this.#leave(accountId, watcher);
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #join(accountId: string): { readonly watched: Watched; readonly watcher: Watcher } {
    if (this.#watchers >= MAX_WATCHERS) throw fail("OVERLOADED", `${MAX_WATCHERS} watches of accounts are open already.`);
    const watcher = new Watcher();
    const watched = this.#watched.get(accountId) ?? { watchers: new Set<Watcher>(), told: "" };
    watched.watchers.add(watcher);
    this.#watched.set(accountId, watched);
    this.#watchers += 1;
    this.#timer ??= setInterval(() => void this.#tick(), TICK_MS);
    return { watched, watcher };
  }

  #leave(accountId: string, watcher: Watcher): void {
    const watched = this.#watched.get(accountId);
    if (watched?.watchers.delete(watcher) !== true) return;
    this.#watchers -= 1;
    if (watched.watchers.size === 0) this.#watched.delete(accountId);
    if (this.#watchers === 0) this[Symbol.dispose]();
  }

  async #tick(): Promise<void> {
    this.#ticks += 1;
    if (this.#isReading) return;
    const ids = this.#ticks % TICKS_PER_POLL === 0 ? [...this.#watched.keys()] : [...this.#touched];
    if (ids.length === 0) return;
    for (const id of ids) this.#touched.delete(id);
    this.#isReading = true;
    try {
      for (const state of (await this.#parts.accounts.read(ids)).values()) this.#tell(state);
    } catch (err) {
      this.#parts.log.warn({ err }, "accounts could not be read for their watchers; they are read again in a second");
    } finally {
      this.#isReading = false;
    }
  }

  #tell(state: AccountState): void {
    const watched = this.#watched.get(state.account.id);
    const text = textOf(state);
    if (watched === undefined || watched.told === text) return;
    watched.told = text;
    for (const watcher of watched.watchers) watcher.tell(state);
  }
}

function textOf(state: AccountState): string {
  return JSON.stringify(state, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
}
