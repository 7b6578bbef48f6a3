import type { UsageRecord } from "@alfred/contracts";
import type { Charge } from "../domain/charge.ts";
import type { Admission, AdmissionRequest, MoneyPort, Settlement } from "../domain/money-port.ts";

/** The money held for one request: its worst case at first, and more where its answer grows past that. */
export class Hold {
  readonly #money: MoneyPort;
  readonly #admissions: Admission[];

  constructor(money: MoneyPort, admission: Admission) {
    this.#money = money;
    this.#admissions = [admission];
  }

  /** How many admissions it is made of, at least 1. */
  get size(): number {
    return this.#admissions.length;
  }

  /** Holds more, or as much as before. @throws AlfredError as `MoneyPort.admit` */
  async extend(request: AdmissionRequest): Promise<void> {
    this.#admissions.push(await this.#money.admit(request));
  }

  /** Charges what the request cost, and gives back the rest; of all that is settled the record is one. */
  async settle(cost: Charge, record?: UsageRecord): Promise<Settlement> {
    const parts = dividedCharge(cost, this.#admissions.map(({ held }) => held));
    // The record goes with the last: once that is written down, so are the others.
    const settled = this.#admissions.map((admission, index) => {
      const isLast = index === this.#admissions.length - 1;
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
