/** Everything that a run is decided by; printed with its results. Durations in milliseconds. */
export interface WalletSettings {
  /** Of the requests' words and of the arrivals at a fixed rate. */
  readonly seed: number;
  readonly ledger: {
    /** How many organisations share the keys, a measurement each. */
    readonly organisations: readonly number[];
    readonly keys: number;
    readonly rounds: number;
    readonly grantMs: number;
    /** Acquires under way at once. */
    readonly inFlight: number;
    /** Settlements in one call, and records in one settlement. */
    readonly settlementsPerCall: number;
    readonly recordsPerSettlement: number;
  };
  readonly mesh: {
    /** Pairs of budgets on and off. */
    readonly pairs: number;
    readonly warmMs: number;
    readonly measureMs: number;
    readonly connections: number;
    readonly ratePerSecond: number;
    /** Active keys, where many are. */
    readonly keys: number;
  };
  readonly exact: { readonly runs: number; readonly concurrent: number; readonly fits: number };
  readonly waste: { readonly runs: number; readonly concurrent: number; readonly worstCases: number; readonly ratio: number };
}

/** What the published figures are measured with. */
export function fullSettings(seed: number): WalletSettings {
  return {
    seed,
    ledger: { organisations: [1, 100], keys: 10_000, rounds: 5, grantMs: 3_000, inFlight: 512, settlementsPerCall: 50, recordsPerSettlement: 5 },
    mesh: { pairs: 9, warmMs: 500, measureMs: 3_000, connections: 64, ratePerSecond: 200, keys: 10_000 },
    exact: { runs: 20, concurrent: 500, fits: 100 },
    waste: { runs: 3, concurrent: 100, worstCases: 100, ratio: 10 },
  };
}

/** The same, for a few minutes; its figures scatter more. */
export function quickSettings(seed: number): WalletSettings {
  const full = fullSettings(seed);
  return {
    ...full,
    ledger: { ...full.ledger, keys: 1_000, rounds: 1, grantMs: 1_000 },
    mesh: { ...full.mesh, pairs: 2, measureMs: 1_000, keys: 500 },
    exact: { ...full.exact, runs: 1 },
    waste: { ...full.waste, runs: 1 },
  };
}
