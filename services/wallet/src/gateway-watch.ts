import { fail } from "@alfred/errors";

/** The start of a gateway that watches. */
export interface GatewayStart {
  readonly gatewayId: string;
  readonly startId: string;
  readonly incarnation: bigint;
}

/** What a gateway is told. */
export type LeaseNews =
  | { readonly type: "recalled"; readonly leaseIds: readonly string[] }
  | { readonly type: "revised"; readonly organisationId: string; readonly revision: bigint }
  | { readonly type: "superseded"; readonly startId: string }
  | { readonly type: "quiet" };

/** Within the five seconds after which the contract promises a sign of life. */
const QUIET_MS = 4_000;
/** Leases, and organisations, that may wait to be told; with one more the gateway has to start over. */
const MAX_WAITING = 100_000;
const MAX_LEASES_PER_MESSAGE = 1_000;

/** One stream of a gateway: what it is still to be told, and each thing once. */
export class GatewayWatch {
  readonly start: GatewayStart;
  readonly #recalled = new Set<string>();
  readonly #told = new Set<string>();
  readonly #revised = new Map<string, bigint>();
  #supersededBy: string | undefined;
  #isOver = false;
  #wake = Promise.withResolvers<void>();

  constructor(start: GatewayStart) {
    this.start = start;
  }

  /** Leases that were asked back just now. */
  recall(leaseIds: Iterable<string>): void {
    for (const id of leaseIds) if (!this.#told.has(id)) this.#recalled.add(id);
    if (this.#recalled.size > 0) this.#wake.resolve();
  }

  /** All leases of the gateway that are open and asked back: those not yet told are, and the rest is forgotten. */
  review(leaseIds: ReadonlySet<string>): void {
    for (const id of this.#told) if (!leaseIds.has(id)) this.#told.delete(id);
    this.recall(leaseIds);
  }

  /** Limits of an organisation changed; of several changes not yet told the latest is. */
  revise(organisationId: string, revision: bigint): void {
    this.#revised.set(organisationId, revision);
    this.#wake.resolve();
  }

  /** Another start holds the gateway's name: the last thing that this one hears. */
  supersede(startId: string): void {
    this.#supersededBy = startId;
    this.#wake.resolve();
  }

  /** The same start watches by another stream. */
  end(): void {
    this.#isOver = true;
    this.#wake.resolve();
  }

  /**
   * All news as they come, "quiet" every four seconds without any; ends with the signal and after `superseded`.
   *
   * @throws AlfredError UNAVAILABLE where more waits than is kept
   */
  async *news(signal: AbortSignal): AsyncGenerator<LeaseNews, void, undefined> {
    const wake = (): void => this.#wake.resolve();
    signal.addEventListener("abort", wake);
    try {
      while (!signal.aborted && !this.#isOver) {
        if (this.#supersededBy !== undefined) return yield { type: "superseded", startId: this.#supersededBy };
        const taken = this.#take();
        if (taken.length > 0) yield* taken;
        else if (!(await this.#woken())) yield { type: "quiet" };
      }
    } finally {
      signal.removeEventListener("abort", wake);
    }
  }

  async #woken(): Promise<boolean> {
    const quiet = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => quiet.resolve(false), QUIET_MS);
    const isWoken = await Promise.race([this.#wake.promise.then(() => true), quiet.promise]);
    clearTimeout(timer);
    if (isWoken) this.#wake = Promise.withResolvers();
    return isWoken;
  }

  #take(): LeaseNews[] {
    if (this.#recalled.size > MAX_WAITING || this.#revised.size > MAX_WAITING) {
      throw fail("UNAVAILABLE", "This gateway fell too far behind and has to say hello again.");
    }
    const recalled = [...this.#recalled];
    const revised = [...this.#revised];
    this.#recalled.clear();
    this.#revised.clear();
    for (const id of recalled) this.#told.add(id);
    return [...inMessages(recalled), ...revised.map(([organisationId, revision]) => ({ type: "revised" as const, organisationId, revision }))];
  }
}

function inMessages(leaseIds: readonly string[]): LeaseNews[] {
  const count = Math.ceil(leaseIds.length / MAX_LEASES_PER_MESSAGE);
  return Array.from({ length: count }, (_, index) => {
    const from = index * MAX_LEASES_PER_MESSAGE;
    return { type: "recalled", leaseIds: leaseIds.slice(from, from + MAX_LEASES_PER_MESSAGE) };
  });
}
