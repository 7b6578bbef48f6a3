import type { AcquireResult, Granted } from "./acquire.ts";
import type { Outcome } from "./refusal.ts";
import { done } from "./refusal.ts";

/** An acquire that comes in. */
export interface Arrival {
  /** Unique among those at the desk. */
  readonly id: string;
  /** The accounts of its path. */
  readonly accountIds: readonly string[];
  /** How long its caller waits while others hold what it needs; 0 does not. */
  readonly waitMs: number;
}

/** What the desk wants done: an acquire tried (`isLast`: what others hold is denied then), or a caller answered. */
export type DeskEffect =
  | { readonly type: "try"; readonly id: string; readonly isLast: boolean }
  | { readonly type: "answer"; readonly id: string; readonly outcome: Outcome<Granted> };

interface Waiter {
  readonly arrival: Arrival;
  readonly deadlineMs: number;
  /** The account that lacked at the last try; undefined while one is under way. */
  lacking: string | undefined;
  triedAtMs: number;
  /** What was released on its path while it was being tried: the try may not have seen it. */
  readonly released: Set<string>;
}

export interface AcquireDeskOptions {
  /** Acquires that may wait at once; one more is denied instead. */
  readonly maxWaiting: number;
  /** How long a waiter goes untried at most: another process may have released what it waits for. */
  readonly retryMs: number;
}

/** Waiters that one release or tick has tried at most: thousands of tries would hold up the settlements that serve them. */
const MAX_WOKEN = 100;

/**
 * Where acquires wait while others hold what they need. It decides when each is tried, first come first tried, and
 * knows no clock, timer or books: the host tries and reports.
 */
export class AcquireDesk {
  readonly #options: AcquireDeskOptions;
  /** In the order of arrival. */
  readonly #waiters = new Map<string, Waiter>();

  constructor(options: AcquireDeskOptions) {
    this.#options = options;
  }

  /** Acquires at the desk. */
  get size(): number {
    return this.#waiters.size;
  }

  /** Takes an acquire in, and has it tried at once. */
  arrive(arrival: Arrival, nowMs: number): DeskEffect[] {
    const waitMs = this.size < this.#options.maxWaiting ? arrival.waitMs : 0;
    const waiter: Waiter = { arrival, deadlineMs: nowMs + waitMs, lacking: undefined, triedAtMs: nowMs, released: new Set() };
    this.#waiters.set(arrival.id, waiter);
    return [attempt(waiter, nowMs)];
  }

  /** Hears what a try came to. One that lacks waits on, or goes again where something was released meanwhile. */
  decided(id: string, outcome: Outcome<AcquireResult>, nowMs: number): DeskEffect[] {
    const waiter = this.#waiters.get(id);
    if (waiter === undefined) return [];
    if (!outcome.ok) return this.#answer(id, outcome);
    const { value } = outcome;
    if (value.type === "lacking") return waits(waiter, value.accountId, nowMs);
    // Where it fitted more may fit, and whoever is next in line was perhaps not woken.
    const next = this.size > MAX_WOKEN ? this.#lackingAt(new Set(waiter.arrival.accountIds), 1) : [];
    return [...this.#answer(id, done(value)), ...next.map((each) => attempt(each, nowMs))];
  }

  /** Hears that a try failed for another reason than the books: the caller is told by the host. */
  failed(id: string): void {
    this.#waiters.delete(id);
  }

  /** Hears at which accounts something came back. */
  released(accountIds: ReadonlySet<string>, nowMs: number): DeskEffect[] {
    if (accountIds.size === 0) return [];
    const woken = this.#lackingAt(accountIds, MAX_WOKEN);
    for (const { arrival, lacking, released } of this.#waiters.values()) {
      if (lacking === undefined) for (const id of arrival.accountIds) if (accountIds.has(id)) released.add(id);
    }
    return woken.map((waiter) => attempt(waiter, nowMs));
  }

  /** Tries whoever's time is over, for the last time, and whoever was not tried for the longest. */
  tick(nowMs: number): DeskEffect[] {
    const due = [...this.#waiters.values()].filter((waiter) => waiter.lacking !== undefined && this.#dueAtMs(waiter) <= nowMs);
    const [over, others] = [due.filter(({ deadlineMs }) => deadlineMs <= nowMs), due.filter(({ deadlineMs }) => deadlineMs > nowMs)];
    const longest = others.toSorted((one, other) => one.triedAtMs - other.triedAtMs).slice(0, MAX_WOKEN);
    return [...over, ...longest].map((waiter) => attempt(waiter, nowMs));
  }

  /** When a tick has something to do next; undefined while nobody waits. */
  nextTickMs(): number | undefined {
    const waiting = [...this.#waiters.values()].filter(({ lacking }) => lacking !== undefined);
    return waiting.length === 0 ? undefined : Math.min(...waiting.map((waiter) => this.#dueAtMs(waiter)));
  }

  /** The first that lack something at one of these accounts, in the order of arrival. */
  #lackingAt(accountIds: ReadonlySet<string>, most: number): Waiter[] {
    return [...this.#waiters.values().filter(({ lacking }) => lacking !== undefined && accountIds.has(lacking)).take(most)];
  }

  #answer(id: string, outcome: Outcome<Granted>): DeskEffect[] {
    this.#waiters.delete(id);
    return [{ type: "answer", id, outcome }];
  }

  #dueAtMs({ triedAtMs, deadlineMs }: Waiter): number {
    return Math.min(triedAtMs + this.#options.retryMs, deadlineMs);
  }
}

function attempt(waiter: Waiter, nowMs: number): DeskEffect {
  waiter.lacking = undefined;
  waiter.triedAtMs = nowMs;
  waiter.released.clear();
  return { type: "try", id: waiter.arrival.id, isLast: nowMs >= waiter.deadlineMs };
}

function waits(waiter: Waiter, accountId: string, nowMs: number): DeskEffect[] {
  const isWorthAnother = waiter.released.has(accountId) || nowMs >= waiter.deadlineMs;
  waiter.lacking = accountId;
  return isWorthAnother ? [attempt(waiter, nowMs)] : [];
}
