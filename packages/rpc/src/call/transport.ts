import type { MethodDefinition } from "./definition.ts";
import type { RetryBudget } from "./retry-budget.ts";

/** What a call takes along. */
export interface OutgoingCall {
  /** Milliseconds since the epoch, always finite. */
  readonly deadline: number;
  /** Names in lower case; `authorization`, `x-request-id`, `traceparent` among them. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Each of them ends the call. */
  readonly signals: readonly AbortSignal[];
}

/** The way to a server: a socket, or the same process. Every failure is an AlfredError. */
export interface Transport {
  /** Whether messages cross it as bytes; in process they are handed over as they are. */
  readonly serialises: boolean;
  /** Shared by all clients of this transport, as they all call the same peer. */
  readonly retries: RetryBudget;
  unary(method: MethodDefinition, request: unknown, call: OutgoingCall): Promise<unknown>;
  /** The call starts at once; leaving the iteration cancels it. */
  stream(method: MethodDefinition, request: unknown, call: OutgoingCall): AsyncIterable<unknown>;
}

/** Runs `listener` when any of the signals fires, or at once if one has; the returned function forgets it. */
export function onAnyAbort(signals: readonly AbortSignal[], listener: () => void): () => void {
  for (const signal of signals) {
    if (signal.aborted) {
      listener();
      return () => undefined;
    }
    signal.addEventListener("abort", listener, { once: true });
  }
  return () => {
    for (const signal of signals) signal.removeEventListener("abort", listener);
  };
}
