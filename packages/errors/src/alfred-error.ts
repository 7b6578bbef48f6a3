import { REASONS } from "./reasons.ts";
import type { ReasonRow } from "./reasons.ts";
import { reasonOfName } from "./reason.ts";
import type { Reason, ReasonName } from "./reason.ts";

/** What an error may carry besides its reason and message. */
export interface FailureOptions {
  /** What to do about it; the table's hint when absent. */
  readonly hint?: string;
  /** Facts for programs, as error_reason.proto names them per reason; shown to the caller. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** What lies beneath; logged, never shown. */
  readonly cause?: unknown;
}

/**
 * A failure with a stable reason. `message` says what happened to the caller and crosses every wire as it is,
 * so it names nothing internal; `cause` stays in the process.
 */
export class AlfredError extends Error {
  readonly reason: Reason;
  readonly hint: string;
  readonly metadata: Readonly<Record<string, string>>;

  /** @param reason the reason, by the contract's number or by its name */
  constructor(reason: Reason | ReasonName, message: string, options: FailureOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "AlfredError";
    this.reason = typeof reason === "number" ? reason : reasonNumber(reason);
    this.hint = options.hint ?? this.row.hint;
    this.metadata = options.metadata ?? {};
  }

  /** What the reason means on every wire. */
  get row(): ReasonRow {
    return REASONS[this.reason];
  }

  /** The reason's stable name: "NOT_FOUND". */
  get code(): ReasonName {
    return this.row.name;
  }
}

/** A new AlfredError, to be thrown: `throw fail("NOT_FOUND", "There is no team with this id.")`. */
export function fail(reason: Reason | ReasonName, message: string, options: FailureOptions = {}): AlfredError {
  return new AlfredError(reason, message, options);
}

/** Whether `error` is an AlfredError, with that reason if one is given. */
export function isFailure(error: unknown, reason?: ReasonName): error is AlfredError {
  return error instanceof AlfredError && (reason === undefined || error.code === reason);
}

function reasonNumber(name: ReasonName): Reason {
  const reason = reasonOfName(name);
  if (reason === undefined) throw new TypeError(`There is no reason ${name}.`);
  return reason;
}
