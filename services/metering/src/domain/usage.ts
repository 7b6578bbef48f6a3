import type { MeterQuantity } from "@alfred/contracts";

/** A record as it is kept: what queries look at, and its bytes. */
export interface KeptRecord {
  recordId: string;
  organisationId: string;
  requestId: string;
  /** What is charged by it; of records with the same one the first counts. */
  chargeId: string;
  path: string[];
  keyId: string;
  userId: string;
  teamId: string;
  provider: string;
  model: string;
  /** The id of the rule that said where the request goes, empty for none. */
  routeRule: string;
  /** The experiment that the request was in, and the arm of it; both empty where it was in none. */
  experiment: string;
  arm: string;
  /** The request that it is a copy of, empty where it is none. */
  shadowOf: string;
  /** Whether it was answered to the end. */
  answered: boolean;
  /** The stable code of the failure, empty where it was answered. */
  reason: string;
  firstByteMs: bigint | undefined;
  durationMs: bigint;
  estimated: boolean;
  costNanos: bigint;
  startTime: Date;
  tags: Readonly<Record<string, string>>;
  quantities: readonly MeterQuantity[];
  /** The record, serialised once and for all. */
  bytes: Uint8Array;
}

/** What led to records being kept. */
export interface Cause {
  requestId: string;
  occurTime: Date;
}

/** The sums of one group. */
export interface UsageSums {
  group: string[];
  requests: bigint;
  attempts: bigint;
  estimatedAttempts: bigint;
  costNanos: bigint;
  quantities: MeterQuantity[];
}

/** A record and its place among those of its organisation, which is the watch's revision. */
export interface SequencedRecord {
  sequence: bigint;
  bytes: Uint8Array;
}

/** The records of organisations in the order in which they were kept. */
export interface UsageHistory {
  /** The last sequence given in the organisation, at least 1. */
  head(organisationId: string): Promise<bigint>;
  /** The records after a sequence, in order, at most `most`. */
  after(organisationId: string, sequence: bigint, most: number): Promise<SequencedRecord[]>;
  /** Begins to listen for new records at once, however late the wait begins. */
  listen(organisationId: string): Wake;
}

/** One wait for new records; disposing forgets it. */
interface Wake extends Disposable {
  /** Resolves when there are new records, when `idleMs` are over, or when the signal fires. */
  orAfter(idleMs: number, signal: AbortSignal): Promise<void>;
}
