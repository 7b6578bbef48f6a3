import { array, constant, constantFrom, integer, nat, noBias, oneof, option, record, tuple } from "fast-check";
import type { Arbitrary } from "fast-check";

/** Gateways that share the budgets. */
export const GATEWAYS = 3;

/** The tree of accounts by place: see accounts.ts. */
const LEAVES = 4;
const ACCOUNTS = 7;

const gateway = nat({ max: GATEWAYS - 1 });

/** One request of a client: what it can cost, what it does cost, and how long it streams. */
export interface RequestPlan {
  readonly gateway: number;
  readonly leaf: number;
  readonly worstNanos: number;
  readonly worstTokens: number;
  /** Of the worst case what the provider bills, in percent; above 100 it went past its limit. */
  readonly costPercent: number;
  readonly durationMs: number;
  /** Whether the client goes away where it has to wait. */
  readonly isImpatient: boolean;
}

/** Requests that come just before a fault, so that it strikes between their steps. */
export interface Strike {
  readonly busy: number;
  readonly lagMs: number;
}

/** What happens, `waitMs` after the step before it. Steps are what fast-check takes away when it shrinks a failure. */
export type Step = { readonly waitMs: number } & (
  | ({ readonly type: "request" } & RequestPlan)
  /** Many alike at once. */
  | ({ readonly type: "burst"; readonly count: number } & RequestPlan)
  /** Under an idempotency key: reserved at the wallet, then adopted. */
  | ({ readonly type: "reserve" } & RequestPlan)
  /** Messages of one gateway are dropped, doubled and delayed for a while. */
  | { readonly type: "noise"; readonly gateway: number; readonly forMs: number; readonly dropPercent: number; readonly doublePercent: number; readonly delayMs: number }
  | { readonly type: "partition"; readonly gateway: number; readonly forMs: number; readonly direction: "to-wallet" | "to-gateway" | "both" }
  | ({ readonly type: "crash"; readonly gateway: number; readonly downMs: number } & Strike)
  /** The machine loses what was not synced, but for so many percent, and at times what was. */
  | ({ readonly type: "machine-restart"; readonly gateway: number; readonly downMs: number; readonly keptPercent: number; readonly isDamaged: boolean } & Strike)
  | ({ readonly type: "lost-disk"; readonly gateway: number; readonly downMs: number } & Strike)
  | ({ readonly type: "write-failure"; readonly gateway: number } & Strike)
  | ({ readonly type: "fsync-failure"; readonly gateway: number; readonly isKilled: boolean } & Strike)
  | { readonly type: "clean-restart"; readonly gateway: number; readonly downMs: number }
  | { readonly type: "pause"; readonly gateway: number; readonly forMs: number }
  | { readonly type: "drift"; readonly gateway: number; readonly perMille: number }
  /** The disk moves to another machine while the old process runs on, unable to write. */
  | ({ readonly type: "moved-disk"; readonly gateway: number; readonly keptPercent: number } & Strike)
  /** A second process starts from a copy of the disk while the first runs on. */
  | { readonly type: "copied-disk"; readonly gateway: number; readonly isOld: boolean }
  | { readonly type: "wallet-restart"; readonly downMs: number }
  | { readonly type: "limit"; readonly account: number; readonly unit: "usd" | "tokens"; readonly period: "day" | "month" | "none"; readonly hard: number | undefined; readonly clamp: boolean }
  | { readonly type: "operator-close"; readonly pick: number; readonly costPercent: number; readonly force: boolean }
);

type Body<T> = T extends Step ? Omit<T, "waitMs"> : never;

const plan = {
  gateway,
  leaf: nat({ max: LEAVES - 1 }),
  worstNanos: integer({ min: 1, max: 60 }),
  worstTokens: integer({ min: 0, max: 40 }),
  costPercent: oneof({ weight: 5, arbitrary: integer({ min: 0, max: 100 }) }, { weight: 2, arbitrary: constant(100) }, { weight: 1, arbitrary: integer({ min: 101, max: 180 }) }),
  durationMs: oneof({ weight: 6, arbitrary: integer({ min: 10, max: 3_000 }) }, { weight: 1, arbitrary: integer({ min: 30_000, max: 90_000 }) }),
  isImpatient: nat({ max: 9 }).map((draw) => draw === 9),
};
const strike = { busy: nat({ max: 4 }), lagMs: nat({ max: 60 }) };
const downMs = oneof({ weight: 3, arbitrary: integer({ min: 50, max: 3_000 }) }, { weight: 1, arbitrary: integer({ min: 3_000, max: 60_000 }) });
const keptPercent = nat({ max: 100 });

const bodies: ReadonlyArray<{ weight: number; arbitrary: Arbitrary<Body<Step>> }> = [
  { weight: 80, arbitrary: record({ type: constant("request"), ...plan }) },
  { weight: 8, arbitrary: record({ type: constant("burst"), count: integer({ min: 2, max: 12 }), ...plan }) },
  { weight: 8, arbitrary: record({ type: constant("reserve"), ...plan }) },
  { weight: 4, arbitrary: record({ type: constant("noise"), gateway, forMs: integer({ min: 500, max: 20_000 }), dropPercent: nat({ max: 60 }), doublePercent: nat({ max: 60 }), delayMs: nat({ max: 8_000 }) }) },
  { weight: 2, arbitrary: record({ type: constant("partition"), gateway, forMs: oneof(integer({ min: 200, max: 10_000 }), integer({ min: 10_000, max: 60_000 })), direction: constantFrom("to-wallet", "to-gateway", "both") }) },
  { weight: 3, arbitrary: record({ type: constant("crash"), ...strike, gateway, downMs }) },
  { weight: 2, arbitrary: record({ type: constant("machine-restart"), ...strike, gateway, downMs, keptPercent, isDamaged: nat({ max: 5 }).map((draw) => draw === 5) }) },
  { weight: 1, arbitrary: record({ type: constant("lost-disk"), ...strike, gateway, downMs }) },
  { weight: 1, arbitrary: record({ type: constant("write-failure"), ...strike, gateway }) },
  { weight: 1, arbitrary: record({ type: constant("fsync-failure"), ...strike, gateway, isKilled: constantFrom(true, false) }) },
  { weight: 2, arbitrary: record({ type: constant("clean-restart"), gateway, downMs }) },
  { weight: 3, arbitrary: record({ type: constant("pause"), gateway, forMs: oneof({ weight: 2, arbitrary: integer({ min: 100, max: 5_000 }) }, { weight: 1, arbitrary: integer({ min: 20_000, max: 70_000 }) }) }) },
  { weight: 1, arbitrary: record({ type: constant("drift"), gateway, perMille: integer({ min: -20, max: 20 }) }) },
  { weight: 1, arbitrary: record({ type: constant("moved-disk"), ...strike, gateway, keptPercent }) },
  { weight: 1, arbitrary: record({ type: constant("copied-disk"), gateway, isOld: constantFrom(true, false) }) },
  { weight: 2, arbitrary: record({ type: constant("wallet-restart"), downMs: integer({ min: 50, max: 8_000 }) }) },
  { weight: 6, arbitrary: record({ type: constant("limit"), account: nat({ max: ACCOUNTS - 1 }), unit: constantFrom("usd", "usd", "tokens"), period: constantFrom("day", "month", "none"), hard: option(oneof(nat({ max: 400 }), integer({ min: 400, max: 8_000 })), { nil: undefined, freq: 4 }), clamp: constantFrom(true, false) }) },
  { weight: 3, arbitrary: record({ type: constant("operator-close"), pick: nat({ max: 50 }), costPercent: nat({ max: 150 }), force: constantFrom(true, false) }) },
];

const waitMs = oneof({ weight: 4, arbitrary: nat({ max: 300 }) }, { weight: 2, arbitrary: nat({ max: 2_500 }) });

/** Schedules, evenly spread rather than biased to small values: the rules are reached by what adds up. */
export function schedules(maxSteps: number): Arbitrary<Step[]> {
  const step = tuple(waitMs, oneof(...bodies)).map(([wait, body]) => Object.assign({ waitMs: wait }, body) as Step);
  return noBias(array(step, { minLength: 0, maxLength: maxSteps, size: "max" }));
}
