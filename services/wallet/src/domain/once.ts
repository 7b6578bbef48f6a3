import type { Draft } from "./draft.ts";
import type { Answer, Identity } from "./identity.ts";
import type { Outcome } from "./refusal.ts";
import { refused } from "./refusal.ts";

/** How to do something the first time, and how to answer when it was done before. */
export interface Once<T> {
  first(): Outcome<T>;
  again(answer: Answer): Outcome<T>;
}

/**
 * Does something once per identity. A denial on record is given again with `replayed` in its metadata; the same id
 * with another body is refused.
 */
export function once<T>(draft: Draft, identity: Identity, steps: Once<T>): Outcome<T> {
  const stored = draft.answer(identity);
  if (stored === undefined) return steps.first();
  if (stored.identity.fingerprint !== identity.fingerprint) return reused(identity);
  if (stored.answer.type === "denied") return deniedAgain(stored.answer);
  return steps.again(stored.answer);
}

function reused<T>({ requestId }: Identity): Outcome<T> {
  const message = `The request id ${requestId} was used before with another body.`;
  return refused("REQUEST_ID_REUSED", message, { request_id: requestId });
}

function deniedAgain<T>({ refusal }: Answer & { type: "denied" }): Outcome<T> {
  const metadata = { ...refusal.metadata, replayed: "true" };
  return { ok: false, refusal: { ...refusal, metadata }, stored: true };
}
