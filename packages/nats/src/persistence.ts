import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "@alfred/telemetry";

const firstPauseMs = 50;
const longestPauseMs = 5_000;

/** The pause before attempt `attempt + 1`, from 0: doubling from 50 ms to 5 s, half of it random. */
function pauseMs(attempt: number): number {
  const full = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(attempt, 10));
  return full / 2 + (Math.random() * full) / 2;
}

/** Waits before the next attempt; resolves early, without failing, when `signal` is aborted. */
export async function pause(attempt: number, signal: AbortSignal): Promise<void> {
  await sleep(pauseMs(attempt), undefined, { signal }).catch(() => undefined);
}

/**
 * Calls `act` until it resolves, with growing pauses, and returns true; false when `signal` is aborted first. Each
 * series of failures is logged once, and so is its end.
 */
export async function persist(what: string, act: () => Promise<void>, signal: AbortSignal, log: Logger): Promise<boolean> {
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    try {
      await act();
      if (attempt > 0) log.info({ attempts: attempt + 1 }, `${what} succeeds again`);
      return true;
    } catch (error) {
      if (attempt === 0) log.warn({ err: error }, `${what} failed and is tried again until it succeeds`);
      await pause(attempt, signal);
    }
  }
  return false;
}
