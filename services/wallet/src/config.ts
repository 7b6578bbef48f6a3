import type { EnvReader } from "@alfred/config";

/** What the wallet is told by its environment. */
export interface WalletConfig {
  readonly host: string;
  readonly port: number;
  /** What peers call with, and it calls the directory with. */
  readonly serviceToken: string;
  /** Operations per transaction. */
  readonly maxBatch: number;
  /** Operations that may wait for a transaction. */
  readonly maxQueue: number;
  /** How often expired reservations are looked for, in milliseconds. */
  readonly sweepEveryMs: number;
  /** How long a gateway may spend from a lease, in milliseconds. */
  readonly leaseTtlMs: number;
  /** How long after that, or after what was last heard of it, a lease turns to suspense, in milliseconds. */
  readonly leaseGraceMs: number;
}

/** The wallet's own variables. */
export function readWalletConfig(env: EnvReader): WalletConfig {
  return {
    host: env.string("ALFRED_HOST", { fallback: "127.0.0.1" }),
    port: env.port("ALFRED_WALLET_PORT", { fallback: 50_053 }),
    serviceToken: env.serviceToken(),
    maxBatch: env.integer("ALFRED_WALLET_MAX_BATCH", { fallback: 300, min: 1, max: 2_000 }),
    maxQueue: env.integer("ALFRED_WALLET_MAX_QUEUE", { fallback: 10_000, min: 1, max: 1_000_000 }),
    sweepEveryMs: env.integer("ALFRED_WALLET_SWEEP_MS", { fallback: 1_000, min: 10, max: 60_000 }),
    leaseTtlMs: env.integer("ALFRED_WALLET_LEASE_TTL_MS", { fallback: 30_000, min: 1_000, max: 3_600_000 }),
    leaseGraceMs: env.integer("ALFRED_WALLET_LEASE_GRACE_MS", { fallback: 15_000, min: 0, max: 3_600_000 }),
  };
}
