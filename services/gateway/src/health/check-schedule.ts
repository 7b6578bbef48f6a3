/** How often providers are checked. */
export interface CheckIntervals {
  /** In milliseconds; 0 for never. */
  readonly intervalMs: number;
  /** The same while one of its breakers is not closed, or the last check failed. */
  readonly openIntervalMs: number;
}

/** Intervals are longer or shorter by so much, so that gateways that were started together do not ask together. */
const JITTER = 0.2;
/** Checks under way at once. */
const AT_ONCE = 8;

interface Turn {
  lastMs: number;
  /** By how much its next interval is longer. */
  factor: number;
  isRunning: boolean;
}

/** Whose turn it is to be checked. It has no clock. */
export class CheckSchedule {
  readonly #intervals: CheckIntervals;
  readonly #random: () => number;
  #turns = new Map<string, Turn>();

  /** @param random from 0 to 1 */
  constructor(intervals: CheckIntervals, random: () => number) {
    this.#intervals = intervals;
    this.#random = random;
  }

  /** Those of these providers that are to be checked now, those first that have waited longest; they are under way then. */
  take(providers: readonly { readonly id: string; readonly isFailing: boolean }[], nowMs: number): string[] {
    this.#turns = new Map(providers.map(({ id }) => [id, this.#turns.get(id) ?? { lastMs: -Infinity, factor: 1, isRunning: false }]));
    const running = [...this.#turns.values()].filter(({ isRunning }) => isRunning).length;
    const due = providers.flatMap(({ id, isFailing }) => {
      const turn = this.#turns.get(id);
      const intervalMs = isFailing ? Math.min(this.#intervals.openIntervalMs, this.#intervals.intervalMs) : this.#intervals.intervalMs;
      return turn === undefined || turn.isRunning || nowMs - turn.lastMs < Math.round(intervalMs * turn.factor) ? [] : [{ id, turn }];
    });
    const taken = due.toSorted((left, right) => left.turn.lastMs - right.turn.lastMs).slice(0, Math.max(0, AT_ONCE - running));
    for (const { turn } of taken) Object.assign(turn, { lastMs: nowMs, isRunning: true, factor: 1 - JITTER + 2 * JITTER * this.#random() });
    return taken.map(({ id }) => id);
  }

  /** Says that a check is over. */
  over(id: string): void {
    const turn = this.#turns.get(id);
    if (turn !== undefined) turn.isRunning = false;
  }
}
