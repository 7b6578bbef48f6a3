/** Bounds and times of the core; the defaults are the protocol's. */
export interface LeaseCoreConfig {
  /** Requests that wait at most. */
  readonly maxWaiting: number;
  /** A lease without a request is given back after this. */
  readonly idleMs: number;
  /** How long a denial answers the requests after it. */
  readonly denialMs: number;
  /** Journal entries after which it is rewritten. */
  readonly compactAfter: number;
}

/** What the protocol says. */
export const LEASE_DEFAULTS: LeaseCoreConfig = {
  maxWaiting: 10_000,
  idleMs: 1_000,
  denialMs: 1_000,
  compactAfter: 100_000,
};
