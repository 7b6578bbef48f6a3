import { fail } from "@alfred/errors";
import type { AlfredError } from "@alfred/errors";
import type { Logger } from "@alfred/telemetry";
import type { CallContext } from "../call/context.ts";
import type { BoundMethod } from "../call/implement.ts";
import { nobody } from "../call/principal.ts";
import type { Principal } from "../call/principal.ts";

/** A call as a transport hands it to the server. */
export interface IncomingCall {
  readonly method: BoundMethod;
  readonly metadata: ReadonlyMap<string, string>;
  /** Milliseconds since the epoch, Infinity where the caller set none. */
  readonly deadline: number;
  /** Who is at the other end, for the log: "10.0.0.7:51234" or "in-process". */
  readonly peer: string;
  /** The request message. @throws whatever reading it throws, if it cannot be read */
  readRequest(): unknown;
  /** Hands a response message over; a promise, where the reader is slow, says when to go on. */
  deliver(message: unknown): Promise<void> | undefined;
}

/** One call on its way through the chain, which fills in what it learns; the handler sees it as its context. */
export class ServerCall implements CallContext {
  readonly incoming: IncomingCall;
  readonly startedAt = performance.now();
  /** Settles when the handler is done, which may be after the call has ended. */
  running: Promise<void> = Promise.resolve();
  requestId = "";
  principal: Principal = nobody();
  deadline = Number.POSITIVE_INFINITY;
  readonly #rootLog: Logger;
  #log: Logger | undefined;
  #controller: AbortController | undefined;
  #failure: AlfredError | undefined;
  #isOver = false;
  #listeners: ((failure: AlfredError) => void)[] = [];

  constructor(incoming: IncomingCall, log: Logger) {
    this.incoming = incoming;
    this.#rootLog = log;
  }

  get method(): BoundMethod {
    return this.incoming.method;
  }

  get metadata(): ReadonlyMap<string, string> {
    return this.incoming.metadata;
  }

  // The controller and the child logger are made on first use: many handlers need neither.
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#failure !== undefined) this.#controller.abort(this.#failure);
    }
    return this.#controller.signal;
  }

  get log(): Logger {
    this.#log ??= this.#rootLog.child({ request_id: this.requestId, method: this.method.definition.path });
    return this.#log;
  }

  /** Why the call ended before its handler did, if it did. */
  get failure(): AlfredError | undefined {
    return this.#failure;
  }

  /** Says that the handler is done: whatever the transport reports from here on is not news to it. */
  finish(): void {
    this.#isOver = true;
    this.#listeners = [];
  }

  /** Ends the call now, whatever its handler does. The first reason counts. */
  end(failure: AlfredError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#failure = failure;
    this.#controller?.abort(failure);
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener(failure);
  }

  /** Ends the call because its caller went away, or because its time is over if it is. */
  cancel(now: number): void {
    // A socket reports this after every call, so the error is only made where it tells something.
    if (this.#isOver) return;
    this.end(now >= this.deadline ? deadlineExceeded() : fail("CANCELLED", "The caller ended the call."));
  }

  /** Runs `listener` when the call is ended before its handler is done, or at once where it was. */
  onEnd(listener: (failure: AlfredError) => void): void {
    if (this.#failure === undefined) this.#listeners.push(listener);
    else listener(this.#failure);
  }
}

/** The error of a call whose deadline passed. */
export function deadlineExceeded(): AlfredError {
  return fail("DEADLINE_EXCEEDED", "The deadline passed before there was an answer.");
}
