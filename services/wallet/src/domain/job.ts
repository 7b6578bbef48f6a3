import { Draft } from "./draft.ts";
import type { Needs, Operation } from "./operation.ts";
import type { Outcome } from "./refusal.ts";

/** An operation on its way through a batch. It may be run more than once; the last run counts. */
export interface Job {
  readonly needs: Needs;
  /** Decides on top of the batch's draft, which takes over what is to stay. Never throws. */
  run(batch: Draft, nowMs: number): void;
}

/** A job that keeps what became of its operation. */
export class OperationJob<T> implements Job {
  readonly needs: Needs;
  readonly #operation: Operation<T>;
  #result: { readonly outcome: Outcome<T> } | { readonly mistake: unknown } | undefined;

  constructor(operation: Operation<T>) {
    this.needs = operation.needs;
    this.#operation = operation;
  }

  run(batch: Draft, nowMs: number): void {
    const draft = new Draft(batch);
    try {
      const outcome = this.#operation.decide(draft, nowMs);
      this.#result = { outcome };
      if (outcome.ok || outcome.stored) batch.absorb(draft);
    } catch (mistake) {
      // A mistake of ours in one operation must not take its batch with it.
      this.#result = { mistake };
    }
  }

  /** What became of it, once its batch is committed. Throws the mistake if deciding failed. */
  outcome(): Outcome<T> {
    if (this.#result === undefined) throw new Error("the operation was never decided");
    if ("mistake" in this.#result) throw this.#result.mistake;
    return this.#result.outcome;
  }
}
