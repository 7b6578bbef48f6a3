/** How one kind of load is put on. Durations in milliseconds. */
export interface LoadSettings {
  readonly rounds: number;
  /** Not measured, at the beginning of each measurement. */
  readonly warmMs: number;
  readonly measureMs: number;
}

/** Everything that a run is decided by; printed with its results. */
export interface Settings {
  /** Of the prompts' words and of the arrivals at a fixed rate. */
  readonly seed: number;
  /** Size of a request's body, in bytes. */
  readonly requestBytes: number;
  /** Before anything is measured, each candidate works for so long under full load, in milliseconds. */
  readonly heatMs: number;
  readonly requests: LoadSettings & { readonly connections: number };
  readonly backToBack: LoadSettings & { readonly connections: number; readonly chunks: number };
  readonly paced: LoadSettings & { readonly connections: number; readonly chunks: number; readonly gapMs: number };
  readonly addedLatency: LoadSettings & { readonly ratePerSecond: number };
  readonly revocation: { readonly keys: number };
}

const shape = {
  requests: { connections: 64 },
  backToBack: { connections: 16, chunks: 200 },
  paced: { connections: 100, chunks: 50, gapMs: 20 },
  addedLatency: { ratePerSecond: 200 },
};

/** What the published figures are measured with; under four minutes. */
export function fullSettings(seed: number): Settings {
  return {
    seed,
    requestBytes: 2_048,
    heatMs: 6_000,
    requests: { ...shape.requests, rounds: 5, warmMs: 500, measureMs: 2_000 },
    backToBack: { ...shape.backToBack, rounds: 3, warmMs: 400, measureMs: 1_500 },
    paced: { ...shape.paced, rounds: 3, warmMs: 1_000, measureMs: 2_000 },
    addedLatency: { ...shape.addedLatency, rounds: 3, warmMs: 500, measureMs: 3_000 },
    revocation: { keys: 20 },
  };
}

/** The same load, for less than a minute; its figures scatter more. */
export function quickSettings(seed: number): Settings {
  return {
    seed,
    requestBytes: 2_048,
    heatMs: 1_500,
    requests: { ...shape.requests, rounds: 2, warmMs: 300, measureMs: 1_000 },
    backToBack: { ...shape.backToBack, rounds: 1, warmMs: 300, measureMs: 1_000 },
    paced: { ...shape.paced, rounds: 1, warmMs: 1_000, measureMs: 1_000 },
    addedLatency: { ...shape.addedLatency, rounds: 1, warmMs: 500, measureMs: 2_000 },
    revocation: { keys: 5 },
  };
}
