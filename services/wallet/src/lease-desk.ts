import { fail } from "@alfred/errors";
import type { ActiveGateways } from "./active-gateways.ts";
import { acquire } from "./domain/acquire.ts";
import type { Acquire, Granted } from "./domain/acquire.ts";
import { AcquireDesk } from "./domain/acquire-desk.ts";
import type { DeskEffect } from "./domain/acquire-desk.ts";
import type { Operations } from "./domain/ports.ts";
import { done } from "./domain/refusal.ts";

/** An acquire as it is asked for; how it is tried is the desk's to say. */
export type AcquireCommand = Omit<Acquire, "activeGateways" | "isLast">;

export interface LeaseDeskParts {
  readonly operations: Operations;
  readonly active: ActiveGateways;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Acquires that may wait at once; one more is denied instead. */
  readonly maxWaiting: number;
  readonly metrics: { acquiresWaiting(acquires: number): void };
}

interface Asked {
  readonly command: AcquireCommand;
  readonly signal: AbortSignal;
  readonly answer: PromiseWithResolvers<Granted>;
}

/** A waiter goes untried for this long at most: what another process released is not heard of here. */
const RETRY_MS = 250;
const TICK_MS = 50;

/** Runs the desk at which acquires wait: tries those whose turn it is, and answers their callers. */
export class LeaseDesk implements Disposable {
  readonly #parts: LeaseDeskParts;
  readonly #desk: AcquireDesk;
  readonly #asked = new Map<string, Asked>();
  #lastId = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(parts: LeaseDeskParts) {
    this.#parts = parts;
    this.#desk = new AcquireDesk({ maxWaiting: parts.maxWaiting, retryMs: RETRY_MS });
  }

  /**
   * Asks for credit, and waits for up to `waitMs` while others hold it.
   *
   * @throws AlfredError INSUFFICIENT_QUOTA, BUDGET_HELD, GATEWAY_SUPERSEDED; CANCELLED by the signal; UNAVAILABLE
   */
  async acquire(command: AcquireCommand, waitMs: number, signal: AbortSignal): Promise<Granted> {
    if (this.#isClosed) throw stopping();
    const id = String((this.#lastId += 1));
    const answer = Promise.withResolvers<Granted>();
    const accountIds = command.path.accounts.map((account) => account.id);
    const leave = (): void => this.#fail(id, fail("CANCELLED", "The caller went away."));
    signal.addEventListener("abort", leave);
    this.#asked.set(id, { command, signal, answer });
    this.#parts.active.note(command.gatewayId, accountIds);
    this.#perform(this.#desk.arrive({ id, accountIds, waitMs }, this.#parts.now()));
    try {
      return await answer.promise;
    } finally {
      signal.removeEventListener("abort", leave);
    }
  }

  /** Hears at which accounts a commit of this process gave something back. */
  released(accountIds: ReadonlySet<string>): void {
    this.#perform(this.#desk.released(accountIds, this.#parts.now()));
  }

  /** Answers all that wait with UNAVAILABLE: they may ask again elsewhere. */
  [Symbol.dispose](): void {
    this.#isClosed = true;
    for (const id of this.#asked.keys()) this.#fail(id, stopping());
  }

  #perform(effects: readonly DeskEffect[]): void {
    for (const effect of effects) {
      if (effect.type === "try") void this.#try(effect.id, effect.isLast);
      else if (effect.outcome.ok) this.#take(effect.id)?.answer.resolve(effect.outcome.value);
    }
    this.#count();
  }

  /** Never rejects: whatever a try ends with is told to who asked. */
  async #try(id: string, isLast: boolean): Promise<void> {
    const asked = this.#asked.get(id);
    if (asked === undefined) return;
    const { operations, active, now } = this.#parts;
    const activeGateways = (accountId: string): number => active.count(accountId);
    try {
      const result = await operations.submit(acquire({ ...asked.command, activeGateways, isLast }), asked.signal);
      this.#perform(this.#desk.decided(id, done(result), now()));
    } catch (error) {
      this.#fail(id, error);
    }
  }

  #fail(id: string, error: unknown): void {
    this.#desk.failed(id);
    this.#take(id)?.answer.reject(error);
    this.#count();
  }

  #take(id: string): Asked | undefined {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    return asked;
  }

  /** The clock runs while anybody waits. */
  #count(): void {
    const { size } = this.#desk;
    this.#parts.metrics.acquiresWaiting(size);
    if (size > 0) {
      this.#timer ??= setInterval(() => this.#perform(this.#desk.tick(this.#parts.now())), TICK_MS);
    } else {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }
}

function stopping(): Error {
  return fail("UNAVAILABLE", "The wallet is stopping.");
}
