import type { UsageRecord } from "@alfred/contracts";
import { AlfredError } from "@alfred/errors";
import type { Charge } from "../domain/charge.ts";
import type { Admission, AdmissionRequest, MoneyPort, Settlement } from "../domain/money-port.ts";

/**
 * The money held for one request: its worst case at first, and more where its answer grows past that, or another provider is
 * dearer.
 */
export class Hold {
  readonly #money: MoneyPort;
  #admissions: Admission[];
  /** How many admissions were settled before those that are open. */
  #settled = 0;

  constructor(money: MoneyPort, admission: Admission) {
    this.#money = money;
    this.#admissions = [admission];
  }

  /** How many admissions there were, at least 1. */
  get size(): number {
    return this.#settled + this.#admissions.length;
  }

  /** The number, from 0, of the first admission that is open: by it goes the record of what all of those cost. */
  get first(): number {
    return this.#settled;
  }

  /** What of a charge is not held; undefined where all of it is. */
  lackOf({ nanos, tokens }: Charge): Charge | undefined {
    const lack = this.#admissions.reduce((left, { held }) => ({ nanos: left.nanos - held.nanos, tokens: left.tokens - held.tokens }), { nanos, tokens });
    if (lack.nanos <= 0n && lack.tokens <= 0n) return undefined;
    return { nanos: lack.nanos > 0n ? lack.nanos : 0n, tokens: lack.tokens > 0n ? lack.tokens : 0n };
  }

  /** Holds more. @returns whether it could: else it is denied, nobody is there to ask, or nobody to be answered */
  async extend(request: AdmissionRequest): Promise<boolean> {
    try {
      this.#admissions.push(await this.#money.admit(request));
      return true;
    } catch (error) {
      if (error instanceof AlfredError) return false;
      throw error;
    }
  }

  /** Charges what a part of the request cost that is over; what was held last is for what is still to come. */
  async settleBefore(cost: Charge, record: UsageRecord): Promise<void> {
    const over = this.#admissions.slice(0, -1);
    this.#admissions = this.#admissions.slice(-1);
    this.#settled += over.length;
    await this.#settle(over, cost, record);
  }

  /** Charges what the request cost, and gives back the rest; of all that is settled the record is one. */
  settle(cost: Charge, record?: UsageRecord): Promise<Settlement> {
    return this.#settle(this.#admissions, cost, record);
  }

  async #settle(admissions: readonly Admission[], cost: Charge, record: UsageRecord | undefined): Promise<Settlement> {
    const parts = dividedCharge(cost, admissions.map(({ held }) => held));
    // The record goes with the last: once that is written down, so are the others.
    const settled = admissions.map((admission, index) => {
      const isLast = index === admissions.length - 1;
      return this.#money.settle(admission, parts[index] ?? cost, isLast ? record : undefined);
    });
    const [first] = await Promise.all(settled);
    return first ?? { remainingNanos: undefined, warnings: [] };
  }
}

/** A cost divided among holds: each as far as it goes, one after the other, and what is beyond them all to the first. */
export function dividedCharge(cost: Charge, holds: readonly Charge[]): Charge[] {
  const [nanos, tokens] = [divided(cost.nanos, holds.map((hold) => hold.nanos)), divided(cost.tokens, holds.map((hold) => hold.tokens))];
  return holds.map((_, index) => ({ nanos: nanos[index] ?? 0n, tokens: tokens[index] ?? 0n }));
}

function divided(cost: bigint, holds: readonly bigint[]): bigint[] {
  let rest = cost;
  const parts = holds.map((hold) => {
    const part = rest < hold ? rest : hold;
    rest -= part;
    return part;
  });
  return parts.map((part, index) => (index === 0 ? part + rest : part));
}
