import { type RetryPolicy, retryDelayMs } from "./retry.ts";
import type { UpstreamFailure } from "./upstream-failure.ts";

/** When and how often providers are called again. */
export interface CallPolicy extends RetryPolicy {
  /** Calls for one request in all, to whichever provider, at least 1. */
  readonly maxCalls: number;
  /** Whether another candidate is called where the last may have billed the prompt. */
  readonly repeatsBilled: boolean;
}

/** Where a request stands when a call has failed. */
export interface Standing {
  /** Calls in all, and to the candidate that failed last, from 1. */
  readonly calls: number;
  readonly attempt: number;
  /** Whether the candidate that failed is to be left alone for a while. */
  readonly isCooling: boolean;
  /** Whether the candidate that failed may be called again, as far as other calls to it are repeated. */
  readonly hasBudget: boolean;
  /** Whether another candidate may be called. */
  readonly hasNext: boolean;
  /** Whether nobody waits for the answer any more. */
  readonly isLeft: boolean;
  /** Milliseconds until the request's deadline. */
  readonly leftMs: number;
}

/** What is done after a failure: the same candidate again after a pause, the next, or nothing more. */
export type NextStep = { readonly kind: "again"; readonly delayMs: number } | { readonly kind: "next" | "end" };

const END: NextStep = { kind: "end" };

/**
 * What is done after a call has failed. A candidate is called again where that may help; the next one is called once that is
 * used up, or at once where another try cannot mend it, the candidate cools down or too many calls to it are repeated already.
 *
 * @param random from 0 to 1
 */
export function nextStep(policy: CallPolicy, failure: UpstreamFailure, standing: Standing, random: number): NextStep {
  const { calls, attempt, isCooling, hasBudget, hasNext, isLeft, leftMs } = standing;
  if (isLeft || calls >= policy.maxCalls || leftMs <= 0) return END;
  const mayGoOn = hasNext && failure.elsewhere && (failure.billed === "nothing" || policy.repeatsBilled);
  if (mayGoOn && isCooling) return { kind: "next" };
  const { retryable, retryAfterMs } = failure;
  const delayMs = hasBudget ? retryDelayMs(policy, { attempt, retryable, retryAfterMs, leftMs }, random) : undefined;
  if (delayMs !== undefined) return { kind: "again", delayMs };
  return mayGoOn ? { kind: "next" } : END;
}
