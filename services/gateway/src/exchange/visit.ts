import type { RateLimit } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";
import { type Payer, payerOf, takeRate } from "./caller.ts";
import type { ExchangeParts } from "./parts.ts";

/** What a caller is let in by. */
export type VisitParts = Pick<ExchangeParts, "feeds" | "limiter" | "gate" | "now" | "requestTimeoutMs">;

/** Somebody who asks for something that costs nothing. */
export interface Visit {
  readonly payer: Payer;
  readonly organisationId: string;
  readonly rateLimit: RateLimit | undefined;
  readonly signal: AbortSignal;
  /** When it began, in milliseconds since the epoch. */
  readonly nowMs: number;
  /** Milliseconds since the epoch. */
  readonly deadlineMs: number;
}

/**
 * Lets a caller in to what costs nothing, as one request of its key: it is work all the same.
 *
 * @throws AlfredError ROLE_INSUFFICIENT, RATE_LIMITED, OVERLOADED, UNAVAILABLE
 */
export async function visit<Answer>(parts: VisitParts, context: CallContext, serve: (visit: Visit) => Promise<Answer>): Promise<Answer> {
  const entered = await enter(parts, context);
  try {
    return await serve(entered);
  } finally {
    parts.gate.leave();
  }
}

/** The same for what comes in pieces. @throws AlfredError as `visit` */
export async function* visited<Piece>(parts: VisitParts, context: CallContext, serve: (visit: Visit) => AsyncIterable<Piece>): AsyncGenerator<Piece, void> {
  const entered = await enter(parts, context);
  try {
    yield* serve(entered);
  } finally {
    parts.gate.leave();
  }
}

async function enter(parts: VisitParts, { principal, signal, deadline }: CallContext): Promise<Visit> {
  parts.feeds.requireSynced();
  const payer = payerOf(principal);
  const nowMs = parts.now();
  const rateLimit = await takeRate(parts.limiter, payer.key, nowMs);
  parts.gate.enter();
  return { payer, organisationId: payer.path.organisationId, rateLimit, signal, nowMs, deadlineMs: Math.min(deadline, nowMs + parts.requestTimeoutMs) };
}
