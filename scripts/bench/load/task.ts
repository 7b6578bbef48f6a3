/** What the load generator is to do. */
export interface LoadTask {
  readonly origin: string;
  readonly key: string;
  /** Used in turn instead of `key`. */
  readonly keys?: readonly string[];
  readonly bodies: readonly string[];
  readonly arrivals: Closed | Open;
  /** Not measured, in milliseconds. */
  readonly warmMs: number;
  readonly measureMs: number;
}

/** So many connections, each with the next request as soon as the last is answered. */
export interface Closed {
  readonly kind: "closed";
  readonly connections: number;
}

/** Requests at an even rate, whether or not those before were answered. */
export interface Open {
  readonly kind: "open";
  readonly ratePerSecond: number;
  /** Of the arrivals' scatter by up to half an interval. */
  readonly seed: number;
}

/** What came of it, within the measured time. */
export interface LoadResult {
  readonly requests: number;
  /** Server-sent events with data, without the last one. */
  readonly chunks: number;
  readonly elapsedMs: number;
  /** From the sending of a request to its answer's last byte, in milliseconds; of open arrivals only. */
  readonly latenciesMs: readonly number[];
  /** How late requests were sent at most, in milliseconds; of open arrivals only. */
  readonly latestMs: number;
  readonly failures: number;
  /** The first failure in words. */
  readonly firstFailure: string;
}

/** What the generator tells: when the measured time begins, and when it ends with what. */
export type LoadMessage = { readonly event: "begin" } | { readonly event: "end"; readonly result: LoadResult } | { readonly event: "drained" };
