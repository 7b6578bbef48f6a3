/** How long a gateway counts as active after an acquire, in milliseconds; up to twice that. */
const ACTIVE_MS = 10_000;

/**
 * Counts who acquires on an account, so that several gateways share what is left of it. Two generations are kept: memory
 * is bounded by what was acquired in the last twenty seconds, and nothing has to be swept.
 */
export class ActiveGateways {
  readonly #now: () => number;
  #recent = new Map<string, Set<string>>();
  #earlier = new Map<string, Set<string>>();
  #turnedAtMs: number;

  /** @param now milliseconds of a clock that never goes back */
  constructor(now: () => number) {
    this.#now = now;
    this.#turnedAtMs = now();
  }

  /** Notes that a gateway acquires on accounts. */
  note(gatewayId: string, accountIds: readonly string[]): void {
    this.#turn();
    for (const id of accountIds) {
      const gateways = this.#recent.get(id);
      if (gateways === undefined) this.#recent.set(id, new Set([gatewayId]));
      else gateways.add(gatewayId);
    }
  }

  /** How many gateways acquired on an account lately, at least 1. */
  count(accountId: string): number {
    this.#turn();
    const recent = this.#recent.get(accountId) ?? new Set();
    const earlier = this.#earlier.get(accountId) ?? new Set();
    return Math.max(recent.union(earlier).size, 1);
  }

  #turn(): void {
    const elapsedMs = this.#now() - this.#turnedAtMs;
    if (elapsedMs < ACTIVE_MS) return;
    this.#earlier = elapsedMs < 2 * ACTIVE_MS ? this.#recent : new Map<string, Set<string>>();
    this.#recent = new Map<string, Set<string>>();
    this.#turnedAtMs += elapsedMs;
  }
}
