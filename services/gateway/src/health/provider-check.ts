/** What a check of a provider came to; unknown where the answer says nothing of whether it serves models. */
export interface CheckOutcome {
  readonly result: "passed" | "failed" | "unknown";
  /** The reason by name why it failed; empty otherwise. */
  readonly reason: string;
}

/** A check that is over. */
export interface ProviderCheck extends CheckOutcome {
  /** When it was, in milliseconds since the epoch. */
  readonly atMs: number;
  readonly durationMs: number;
}
