import type { Charge } from "../domain/charge.ts";
import { higherOf, lowerOf, times } from "./charge-sums.ts";
import type { Effect } from "./effect.ts";
import type { Identity } from "./identity.ts";
import type { OwnAcquire, OwnPool, OwnWaiter } from "./own-lease.ts";

/** Worst cases that a lease is asked to cover at least. */
const MIN_REQUESTS = 5n;
/** Of what is left of a request's time, the share that the wallet may wait; the rest is for its answer to arrive. */
const WAIT_SHARE = 0.9;
/** What the wallet takes at most: a minute of waiting, and of each unit a hundred million dollars, in the smallest part. */
const LONGEST_WAIT_MS = 60_000;
const MOST = 100_000_000_000_000_000n;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;
/** Recalls that came before their grant. */
const MAX_EARLY_RECALLS = 10_000;

/** The acquires that are not answered yet: one per pool, each asked under its id until there is an answer. */
export class CreditDesk {
  readonly #emit: (effect: Effect) => void;
  readonly #pending = new Map<string, OwnAcquire>();
  readonly #unanswered = new Set<OwnAcquire>();
  readonly #earlyRecalls = new Set<string>();
  #counter = 0;

  constructor(emit: (effect: Effect) => void) {
    this.#emit = emit;
  }

  get isEmpty(): boolean {
    return this.#pending.size === 0;
  }

  /** Asks for credit for those who wait, unless it is asked for already. `cutoff` is the last request that came before. */
  ask(pool: OwnPool, head: OwnWaiter, cutoff: number, identity: Identity, nowMs: number): void {
    const { incarnation } = identity;
    if (pool.acquire !== undefined || incarnation === undefined) return;
    this.#counter += 1;
    const acquire: OwnAcquire = {
      acquireId: `${identity.gatewayId}/${incarnation}/${this.#counter}`,
      pool,
      path: head.request.path,
      wanted: wantedOf(pool, head, nowMs),
      minimum: head.request.worst,
      firstSentMs: nowMs,
      waitUntilMs: nowMs + Math.max(0, head.request.deadlineMs - nowMs) * WAIT_SHARE,
      cutoff,
      retryAtMs: undefined,
      attempts: 0,
    };
    pool.acquire = acquire;
    this.#pending.set(acquire.acquireId, acquire);
    this.#send(acquire, identity, nowMs);
  }

  /** The acquire, which is over now; undefined where it was answered before. */
  answered(acquireId: string): OwnAcquire | undefined {
    const acquire = this.#pending.get(acquireId);
    if (acquire === undefined) return undefined;
    this.#pending.delete(acquireId);
    this.#unanswered.delete(acquire);
    acquire.pool.acquire = undefined;
    return acquire;
  }

  /** No answer came, so that nobody knows whether there is a grant. */
  unanswered(acquireId: string, nowMs: number): void {
    const acquire = this.#pending.get(acquireId);
    if (acquire === undefined) return;
    acquire.retryAtMs = nowMs + Math.min(FIRST_PAUSE_MS * 2 ** acquire.attempts, LONGEST_PAUSE_MS);
    acquire.attempts += 1;
    this.#unanswered.add(acquire);
  }

  /** Asks again what was not answered. */
  retry(identity: Identity, nowMs: number): void {
    for (const acquire of this.#unanswered) {
      if (acquire.retryAtMs !== undefined && acquire.retryAtMs <= nowMs) this.#send(acquire, identity, nowMs);
    }
  }

  /** The wallet is there again. */
  resume(): void {
    for (const acquire of this.#unanswered) acquire.retryAtMs = Number.NEGATIVE_INFINITY;
  }

  /** What was asked for is of no use any more: another start speaks for the gateway, and for its leases. */
  drop(): void {
    for (const acquireId of this.#pending.keys()) this.answered(acquireId);
  }

  /** A lease is asked back that is not known: it may be on its way. */
  recalledEarly(leaseId: string): void {
    if (this.isEmpty) return;
    if (this.#earlyRecalls.size >= MAX_EARLY_RECALLS) {
      for (const oldest of this.#earlyRecalls) {
        this.#earlyRecalls.delete(oldest);
        break;
      }
    }
    this.#earlyRecalls.add(leaseId);
  }

  /** Whether the lease was asked back before it came; told once. */
  wasRecalled(leaseId: string): boolean {
    const wasRecalled = this.#earlyRecalls.delete(leaseId);
    if (this.isEmpty) this.#earlyRecalls.clear();
    return wasRecalled;
  }

  #send(acquire: OwnAcquire, identity: Identity, nowMs: number): void {
    const { acquireId, path, wanted, minimum, waitUntilMs } = acquire;
    const { gatewayId, incarnation } = identity;
    if (incarnation === undefined) return;
    acquire.retryAtMs = undefined;
    this.#unanswered.delete(acquire);
    const waitMs = Math.min(Math.max(0, Math.floor(waitUntilMs - nowMs)), LONGEST_WAIT_MS);
    this.#emit({ type: "acquire", acquireId, gatewayId, incarnation, path, wanted, minimum, waitMs });
  }
}

/** Enough for five like the first, for all who wait, and for two more seconds like the last two, as far as the wallet takes it. */
function wantedOf(pool: OwnPool, head: OwnWaiter, nowMs: number): Charge {
  const { worst } = head.request;
  const floor = higherOf(times(worst, MIN_REQUESTS), pool.queue.sum);
  const wanted = higherOf(floor, pool.rate.horizon(nowMs));
  return higherOf(worst, lowerOf(wanted, { nanos: MOST, tokens: MOST }));
}
