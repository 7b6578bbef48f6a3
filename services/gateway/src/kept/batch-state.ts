import { type BatchTerms, type Call, type KeptObject, type MeterQuantity, ModelPrice, type UsageSource } from "@alfred/contracts";
import type { Charge } from "../domain/charge.ts";

/** What a batch used. */
export interface BatchUsed {
  readonly quantities: readonly MeterQuantity[];
  readonly source: UsageSource;
  readonly charge: Charge;
}

/** What came of a batch. */
export interface BatchResult extends BatchUsed {
  /** The files at the provider, and how large each is; empty where there is none. */
  readonly output: FileThere;
  readonly error: FileThere;
}

/** A file at the provider. */
export interface FileThere {
  readonly upstreamId: string;
  readonly bytes: number;
}

/**
 * Where a batch stands. `submitting`: nobody knows yet whether the provider has it. `running`: it has. `settling`: what came of it is
 * known, and stays so. `ended`: all is paid and on record. `failed`: it never ran.
 */
type Phase = "submitting" | "running" | "settling" | "ended" | "failed";

/** All that is known of a batch beside its row. */
export interface BatchState {
  readonly phase: Phase;
  readonly terms: BatchTerms;
  readonly inputUpstreamId: string;
  readonly lines: number;
  readonly held: Charge;
  /** The model of all lines. */
  readonly model: string;
  /** What it cost in a batch when this one was made. */
  readonly price: ModelPrice;
  readonly call: Pick<Call, "tags" | "clientRequestId">;
  /** Empty until the money is held. */
  readonly reservationId: string;
  /** The batch as the provider last told of it, as JSON; empty before it did. */
  readonly told: string;
  readonly result?: BatchResult | undefined;
}

/** The state as it is on record. */
export function writeState(state: BatchState): string {
  return JSON.stringify({ ...state, price: ModelPrice.toJSON(state.price) }, (_name, value: unknown) => (typeof value === "bigint" ? { $int: value.toString() } : value));
}

/** The state of a batch that is on record. */
export function stateOf({ state }: Pick<KeptObject, "state">): BatchState {
  const read = JSON.parse(state, (_name, value: unknown) => (isInt(value) ? BigInt(value.$int) : value)) as BatchState;
  return { ...read, price: ModelPrice.fromJSON(read.price) };
}

function isInt(value: unknown): value is { $int: string } {
  return typeof value === "object" && value !== null && typeof (value as { $int?: unknown }).$int === "string";
}
