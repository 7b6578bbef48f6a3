import { setTimeout as pause } from "node:timers/promises";
import { fail, isFailure } from "@alfred/errors";
import type { RetryBudget } from "../call/retry-budget.ts";
import type { OutgoingCall } from "../call/transport.ts";
import { onAnyAbort } from "../call/transport.ts";

// Only "the peer is not there" is repeated: it says that the call was not taken. Anything else may have been carried
// out, or will fail the same way again.
const MAX_ATTEMPTS = 4;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;
// A peer that is not there says so at once. One that worked on a call for longer has used up its caller's patience, too.
const LONGEST_ATTEMPT_MS = 1_000;

/** A call as it was tried. */
export interface Attempt {
  /** From 1. */
  readonly number: number;
  /** When it was sent, in epoch milliseconds. */
  readonly startMs: number;
}

/**
 * Waits before the next attempt, with full jitter, where there is one to be.
 * @returns whether to try again; false where the error is another or took long to come, the attempts or the budget are
 * used up, or the deadline comes first
 */
export async function mayRetry(error: unknown, attempt: Attempt, call: OutgoingCall, budget: RetryBudget): Promise<boolean> {
  const { number, startMs } = attempt;
  if (!isFailure(error, "UNAVAILABLE") || number >= MAX_ATTEMPTS || Date.now() - startMs > LONGEST_ATTEMPT_MS) return false;
  const pauseMs = backoffMs(number, FIRST_PAUSE_MS, LONGEST_PAUSE_MS);
  if (Date.now() + pauseMs >= call.deadline || !budget.take()) return false;
  await pauseUnlessAborted(pauseMs, call.signals);
  return true;
}

/** A pause before retry number `attempt`, from 1: doubled each time, and half of it left to chance. */
export function backoffMs(attempt: number, firstMs: number, longestMs: number): number {
  const fullMs = Math.min(firstMs * 2 ** (attempt - 1), longestMs);
  return fullMs / 2 + (Math.random() * fullMs) / 2;
}

async function pauseUnlessAborted(pauseMs: number, signals: readonly AbortSignal[]): Promise<void> {
  const waiting = new AbortController();
  const forget = onAnyAbort(signals, () => waiting.abort());
  try {
    await pause(pauseMs, undefined, { signal: waiting.signal });
  } catch {
    throw fail("CANCELLED", "The caller ended the call.");
  } finally {
    forget();
  }
}
