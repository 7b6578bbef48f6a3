/** What a run reached, by name: proof that a fault struck or a rule was applied, not merely that it was planned. */
export class Counters {
  readonly #counts = new Map<string, number>();

  count(name: string, by = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + by);
  }

  get(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  /** Takes over what another run reached. */
  add(other: Counters): void {
    for (const [name, by] of other.#counts) this.count(name, by);
  }

  /** All counters, by name. */
  entries(): Array<readonly [string, number]> {
    return [...this.#counts].toSorted(([one], [other]) => one.localeCompare(other));
  }
}
