import { expect } from "vitest";
import { FREE, SILENT_OF_EMBEDDINGS } from "./providers.ts";
import type { Records, UsageRecord } from "./records.ts";

/** What a client was told that its request used. */
export interface Told {
  readonly input: number;
  readonly output: number;
  /** In dollars, as the mesh tells it; absent where the client shows no headers. */
  readonly costUsd?: string | null | undefined;
}

const NANOS = 1e9;

/** Expects that a case was charged as its client was told, request by request, each at what the price book says. */
export async function expectCharged(records: Records, name: string, provider: string, told: readonly Told[]): Promise<void> {
  const kept = await records.of(name, told.length);
  const source = name.endsWith("embed") && provider === SILENT_OF_EMBEDDINGS ? "USAGE_SOURCE_ESTIMATED" : "USAGE_SOURCE_REPORTED";
  const answered = { provider, outcome: "ATTEMPT_OUTCOME_ANSWERED", source };
  expect(kept, name).toMatchObject(told.map(() => answered));
  const used = kept.map((record) => ({ input: tokens(record, false), output: tokens(record, true) }));
  expect(used.toSorted(byInput), name).toEqual(told.map(({ input, output }) => ({ input, output })).toSorted(byInput));
  const costs = kept.map(costOf);
  expect(costs, name).toEqual(await Promise.all(kept.map((record) => records.priceOf(record))));
  expect(costs.every((cost) => cost > 0n), name).toBe(provider !== FREE);
  const known = told.flatMap(({ costUsd }) => (costUsd === undefined ? [] : [Math.round(Number(costUsd) * NANOS)]));
  expect(costs.map(Number), name).toEqual(expect.arrayContaining(known));
}

/** What a record cost, in nano-dollars. */
export function costOf({ cost }: UsageRecord): bigint {
  return BigInt(cost?.value ?? 0);
}

const OUTPUT = /^(output|reasoning)_/;

function tokens({ quantities = [] }: UsageRecord, isOutput: boolean): number {
  const counted = quantities.filter(({ meter }) => meter.includes("token") && OUTPUT.test(meter) === isOutput);
  return counted.reduce((total, { quantity }) => total + Number(quantity ?? 0), 0);
}

function byInput(left: Told, right: Told): number {
  return left.input - right.input;
}
