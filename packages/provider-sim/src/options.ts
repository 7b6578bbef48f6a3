import type { Behaviour } from "./behaviour.ts";

/** What a provider simulator is made with; everything may be left out. */
export interface ProviderSimOptions {
  /** Accepted keys, in whatever header a provider takes them. Left out, every request is let in, with a key or without. */
  readonly apiKeys?: readonly string[];
  /** Models that exist. Left out, every model does. */
  readonly models?: readonly string[];
  /** What each request meets unless it asks for something else. */
  readonly behaviour?: Behaviour;
  /** Seed of the generator behind `errorRate`; the same seed and order of requests give the same failures. Default 1. */
  readonly seed?: number;
  /** Requests let in per minute, in fixed windows that open with their first request. Default unlimited. */
  readonly requestsPerMinute?: number;
  /** Requests answered at once; more are refused with a 429. Default unlimited. */
  readonly maxConcurrent?: number;
  /** Requests kept in the log, the oldest leaving first. Default 1,000. */
  readonly requestLogSize?: number;
  /** Largest request body in bytes; a larger one is a 413. Default 32 MiB. */
  readonly maxBodyBytes?: number;
  /** Open connections at most; more are closed at once. Default 10,000. */
  readonly maxConnections?: number;
  /** How long disposal waits for answers under way before it breaks them, in milliseconds. Default 1,000. */
  readonly closeTimeoutMs?: number;
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: () => number;
}

/** Options with every default filled in; `undefined` is what stands for "any" or "unlimited". */
export interface SimSettings {
  readonly apiKeys: ReadonlySet<string> | undefined;
  readonly models: readonly string[] | undefined;
  readonly seed: number;
  readonly requestsPerMinute: number;
  readonly maxConcurrent: number;
  readonly requestLogSize: number;
  readonly maxBodyBytes: number;
  readonly maxConnections: number;
  readonly closeTimeoutMs: number;
  readonly now: () => number;
}

/** Fills in the defaults that `ProviderSimOptions` states. */
export function toSettings(options: ProviderSimOptions): SimSettings {
  return {
    apiKeys: options.apiKeys === undefined ? undefined : new Set(options.apiKeys),
    models: options.models,
    seed: options.seed ?? 1,
    requestsPerMinute: options.requestsPerMinute ?? Infinity,
    maxConcurrent: options.maxConcurrent ?? Infinity,
    requestLogSize: options.requestLogSize ?? 1_000,
    maxBodyBytes: options.maxBodyBytes ?? 32 * 1024 * 1024,
    maxConnections: options.maxConnections ?? 10_000,
    closeTimeoutMs: options.closeTimeoutMs ?? 1_000,
    now: options.now ?? Date.now,
  };
}
