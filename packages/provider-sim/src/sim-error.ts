/**
 * What went wrong, for a dialect to say in its provider's words: the request is malformed, the key is missing or wrong,
 * the model, path or method does not exist, the body is too large, a limit is met, a fault was asked for, or the
 * simulator itself failed.
 */
export type ErrorKind =
  | "request"
  | "key_missing"
  | "key_wrong"
  | "model"
  | "path"
  | "method"
  | "too_large"
  | "rate"
  | "concurrency"
  | "demanded"
  | "simulator";

/** What is known of an error beside its status and kind. */
export interface ErrorFacts {
  /** Empty where the dialect is to find the words. */
  readonly message?: string;
  /** The field that it is about, as the dialect names fields. */
  readonly param?: string | null;
  /** The provider's name for the error, where one was asked for or only one fits. */
  readonly code?: string | null;
  readonly retryAfterS?: number | undefined;
  /** Headers that go with the error in every dialect. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer that is an error, before it takes a provider's form. */
export class SimError extends Error {
  readonly status: number;
  readonly kind: ErrorKind;
  readonly param: string | null;
  readonly code: string | null;
  /** Seconds after which to come back. */
  readonly retryAfterS: number | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, kind: ErrorKind, facts: ErrorFacts = {}) {
    super(facts.message ?? "");
    this.name = "SimError";
    this.status = status;
    this.kind = kind;
    this.param = facts.param ?? null;
    this.code = facts.code ?? null;
    this.retryAfterS = facts.retryAfterS;
    this.headers = facts.headers ?? {};
  }
}

/** A 400 about one parameter. */
export function invalidRequest(message: string, param: string | null = null, code: string | null = null): SimError {
  return new SimError(400, "request", { message, param, code });
}
