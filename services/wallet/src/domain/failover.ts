import type { Draft } from "./draft.ts";
import type { Outcome } from "./refusal.ts";
import { refused } from "./refusal.ts";

/**
 * The refusal of whoever asks for money while the books may lack grants that gateways still spend, or undefined. It has
 * no place on record: asked again later the same request is decided.
 */
export function findPause<T>(draft: Draft, nowMs: number): Outcome<T> | undefined {
  if (nowMs >= draft.grantsFromMs) return undefined;
  const resume = new Date(draft.grantsFromMs).toISOString();
  const message = `The wallet's database was replaced and may lack grants that are still being spent: it grants again from ${resume}.`;
  return refused("UNAVAILABLE", message, { resume });
}
