/**
 * How many retries may be made over one transport: each costs one, each success earns a tenth back. So where a peer is down for
 * long, calls fail at once instead of multiplying; where it restarts, they get through.
 */
export class RetryBudget {
  static readonly #MAX = 20;
  static readonly #EARNED_BY_SUCCESS = 0.1;
  #left = RetryBudget.#MAX;

  /** Takes one retry, if one is left. */
  take(): boolean {
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }

  succeeded(): void {
    if (this.#left < RetryBudget.#MAX) this.#left += RetryBudget.#EARNED_BY_SUCCESS;
  }
}
