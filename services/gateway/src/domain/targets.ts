import { Breaker, type BreakerChange } from "./breaker.ts";
import { Target } from "./target.ts";

/** Clients can name models at will, so only so many are remembered. */
const MOST_TARGETS = 10_000;

/** A model at a provider, as the provider names it. */
export interface KnownTarget {
  readonly providerId: string;
  readonly model: string;
  readonly target: Target;
}

/** The breaker of a model at a provider is in another state. */
export interface TargetChange extends BreakerChange {
  readonly providerId: string;
  readonly model: string;
}

/** What is known of each model at each provider. */
export class Targets {
  readonly #targets = new Map<string, KnownTarget>();
  readonly #onChange: (change: TargetChange) => void;

  /** @param onChange hears of breakers that are in another state */
  constructor(onChange: (change: TargetChange) => void = () => undefined) {
    this.#onChange = onChange;
  }

  /** What is known of a model at a provider. */
  of(providerId: string, model: string): Target {
    const name = `${providerId}/${model}`;
    const known = this.#targets.get(name);
    if (known !== undefined) return known.target;
    if (this.#targets.size >= MOST_TARGETS) this.#forgetOldest();
    const target = new Target(new Breaker((change) => this.#onChange({ providerId, model, ...change })));
    this.#targets.set(name, { providerId, model, target });
    return target;
  }

  /** Says what a check of a provider came to: it concerns all its models that are known. */
  checked(providerId: string, hasPassed: boolean, nowMs: number): void {
    for (const { target } of this.all().filter((each) => each.providerId === providerId)) target.checked(hasPassed, nowMs);
  }

  /** All that are known. */
  all(): KnownTarget[] {
    return [...this.#targets.values()];
  }

  #forgetOldest(): void {
    for (const name of this.#targets.keys()) {
      this.#targets.delete(name);
      return;
    }
  }
}
