import type { KeptObjectServiceService, RateLimit } from "@alfred/contracts";
import type { CallContext, Client } from "@alfred/rpc";
import { type Payer, payerOf, takeRate } from "../exchange/caller.ts";
import type { ExchangeParts } from "../exchange/parts.ts";

/** What files are served with. */
export interface KeptParts extends Pick<ExchangeParts, "feeds" | "limiter" | "gate" | "provider" | "now" | "requestTimeoutMs"> {
  readonly record: Client<typeof KeptObjectServiceService>;
}

/** Somebody who asks for what is kept. */
export interface Visit {
  readonly payer: Payer;
  readonly organisationId: string;
  readonly rateLimit: RateLimit | undefined;
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly deadlineMs: number;
}

/**
 * Lets a caller in to what its organisation has kept, as one request of its key.
 *
 * @throws AlfredError ROLE_INSUFFICIENT, RATE_LIMITED, OVERLOADED, UNAVAILABLE
 */
export async function* visited<Piece>(parts: KeptParts, context: CallContext, serve: (visit: Visit) => AsyncIterable<Piece>): AsyncGenerator<Piece, void> {
  const entered = await enter(parts, context);
  try {
    yield* serve(entered);
  } finally {
    parts.gate.leave();
  }
}

/** The same for what is answered at once. @throws AlfredError as `visited` */
export async function visit<Answer>(parts: KeptParts, context: CallContext, serve: (visit: Visit) => Promise<Answer>): Promise<Answer> {
  const entered = await enter(parts, context);
  try {
    return await serve(entered);
  } finally {
    parts.gate.leave();
  }
}

async function enter(parts: KeptParts, { principal, signal, deadline }: CallContext): Promise<Visit> {
  parts.feeds.requireSynced();
  const payer = payerOf(principal);
  const nowMs = parts.now();
  const rateLimit = await takeRate(parts.limiter, payer.key, nowMs);
  parts.gate.enter();
  return { payer, organisationId: payer.path.organisationId, rateLimit, signal, deadlineMs: Math.min(deadline, nowMs + parts.requestTimeoutMs) };
}
