import type { Charge } from "../../services/gateway/src/domain/charge.ts";
import type { RecordRef } from "../../services/gateway/src/leases/lease-input.ts";

/** One admission as the world outside knows it, whatever journals and books say. */
export interface TalliedRecord {
  readonly leaseId: string;
  readonly number: number;
  readonly leafId: string;
  readonly worst: Charge;
  /** What its provider bills, from the moment when it is called; undefined where it never was. */
  cost: Charge | undefined;
}

/** What providers billed: the truth that the books are held against. */
export class Tally {
  readonly #leases = new Map<string, Map<number, TalliedRecord>>();

  /** A gateway hands an intent to its journal. */
  intended(ref: RecordRef, leafId: string, worst: Charge): void {
    const { leaseId, number } = ref;
    const records = this.#records(leaseId);
    if (!records.has(number)) records.set(number, { leaseId, number, leafId, worst, cost: undefined });
  }

  /** A provider is called; from here on it bills. */
  billed(ref: RecordRef, leafId: string, worst: Charge, cost: Charge): TalliedRecord {
    const records = this.#records(ref.leaseId);
    // A record without an intent is counted all the same: that is the fault that the invariants are to find.
    const record = records.get(ref.number) ?? { leaseId: ref.leaseId, number: ref.number, leafId, worst, cost };
    record.cost = cost;
    records.set(ref.number, record);
    return record;
  }

  ofLease(leaseId: string): ReadonlyMap<number, TalliedRecord> {
    return this.#leases.get(leaseId) ?? NONE;
  }

  leaseIds(): Iterable<string> {
    return this.#leases.keys();
  }

  #records(leaseId: string): Map<number, TalliedRecord> {
    const known = this.#leases.get(leaseId);
    if (known !== undefined) return known;
    const records = new Map<number, TalliedRecord>();
    this.#leases.set(leaseId, records);
    return records;
  }
}

const NONE: ReadonlyMap<number, TalliedRecord> = new Map();
