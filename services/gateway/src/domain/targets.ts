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

  /** What is known of a model at a provider; undefined before anybody called it. */
  known(providerId: string, model: string): Target | undefined {
    return this.#targets.get(nameOf(providerId, model))?.target;
  }

  /** The same, which from now on is remembered. */
  of(providerId: string, model: string): Target {
    const known = this.known(providerId, model);
    if (known !== undefined) return known;
    if (this.#targets.size >= MOST_TARGETS) this.#forgetOne();
    const target = new Target(new Breaker((change) => this.#onChange({ providerId, model, ...change })));
    this.#targets.set(nameOf(providerId, model), { providerId, model, target });
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

  /** Of those that nobody calls and nothing is known against the oldest: who names many models must not close a breaker. */
  #forgetOne(): void {
    const [oldest] = this.#targets.keys();
    const [idle = oldest] = this.#targets.entries().find(([, { target }]) => target.isIdle) ?? [];
    if (idle !== undefined) this.#targets.delete(idle);
  }
}

function nameOf(providerId: string, model: string): string {
  return `${providerId}/${model}`;
}
