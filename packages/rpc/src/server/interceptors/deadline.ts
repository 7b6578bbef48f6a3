import { AlfredError } from "@alfred/errors";
import type { Interceptor } from "../interceptor.ts";
import { deadlineExceeded } from "../server-call.ts";
import type { ServerCall } from "../server-call.ts";

/** How long calls may take, in milliseconds. */
export interface DeadlineOptions {
  /** For a unary call whose caller set no deadline. */
  readonly unaryDefaultMs: number;
  /** For a stream whose caller set no deadline. */
  readonly streamDefaultMs: number;
  /** For any call, whatever its caller asks for; below 24 days, which is what a timer can hold. */
  readonly maximumMs: number;
}

/** Gives every call a deadline, and ends it then or when its caller goes away, even where the handler never does. */
export function deadline(options: DeadlineOptions, now: () => number): Interceptor {
  return async (call, next) => {
    const leftMs = timeLeftMs(options, call, now());
    if (leftMs <= 0) throw deadlineExceeded();
    call.deadline = now() + leftMs;
    const timer = setTimeout(() => call.end(deadlineExceeded()), leftMs);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    call.running = next(call);
    // Nobody hears of a failure after the end of the call, so the log does.
    call.running.then(resolve, (error: unknown) => (call.failure === undefined ? reject(error) : logLate(call, error)));
    call.onEnd(reject);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
    }
  };
}

function logLate(call: ServerCall, error: unknown): void {
  const isExpected = error instanceof AlfredError || (error instanceof Error && error.name === "AbortError");
  if (!isExpected) call.log.warn({ err: error }, "a handler failed after its call had ended");
}

function timeLeftMs(options: DeadlineOptions, call: ServerCall, now: number): number {
  const asked = call.incoming.deadline - now;
  if (Number.isFinite(asked)) return Math.min(asked, options.maximumMs);
  return call.method.definition.responseStream ? options.streamDefaultMs : options.unaryDefaultMs;
}
