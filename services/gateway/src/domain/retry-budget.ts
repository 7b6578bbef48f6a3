/**
 * Of the calls under way to a deployment, how many may be repetitions: a fifth, as Envoy's `retry_budget` (`budget_percent`)
 * and Finagle's `RetryBudget` have it, so that a provider that fails is asked a fifth more, and not several times as much.
 */
const SHARE = 0.2;
/**
 * So many are had in any case, which is what Finagle and Linkerd allow in each second. Envoy's three
 * (`min_retry_concurrency`) suits calls that take milliseconds: one to a model is under way for seconds.
 */
const LEAST = 10;

/** How many calls may be repeated at once, pauses before them counted in. */
export class RetryBudget {
  #taken = 0;

  /** Whether another call may be repeated, where so many are under way. */
  has(underWay: number): boolean {
    return this.#taken < Math.max(LEAST, underWay * SHARE);
  }

  /** Says that a call is to be repeated; `give` says that the repetition is over. */
  take(): void {
    this.#taken += 1;
  }

  give(): void {
    this.#taken -= 1;
  }
}
