/** Why an operation was refused, in the words of the error table without its prefix. */
export type RefusalReason =
  | "INVALID_ARGUMENT"
  | "NOT_FOUND"
  | "ROLE_INSUFFICIENT"
  | "ALREADY_EXISTS"
  | "REQUEST_ID_REUSED"
  | "FAILED_PRECONDITION"
  | "INSUFFICIENT_QUOTA"
  | "BUDGET_HELD"
  | "GATEWAY_SUPERSEDED"
  | "UNAVAILABLE";

/** An operation that did not happen; a value, since a denial is an ordinary and stored answer. */
export interface Refusal {
  readonly reason: RefusalReason;
  readonly message: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** What to do about it, where the reason's own hint says too little. */
  readonly hint?: string;
}

/** What became of an operation. `stored` says that the refusal itself is on record. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: Refusal; readonly stored: boolean };

export function done<T>(value: T): Outcome<T> {
  return { ok: true, value };
}

/** Refuses without a trace: what the operation drafted is dropped. */
export function refused<T>(reason: RefusalReason, message: string, metadata: Record<string, string> = {}): Outcome<T> {
  return { ok: false, refusal: { reason, message, metadata }, stored: false };
}
