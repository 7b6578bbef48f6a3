import { type Amount, type AcquireLeaseRequest, type LeaseSettlement, Unit } from "@alfred/contracts";

interface BookRecord {
  readonly cost: bigint;
  readonly drawn: bigint;
  readonly isIndeterminate: boolean;
}

/** A lease or a reservation as the wallet peer keeps it, in nano-dollars. */
export class WalletBook {
  readonly id: string;
  readonly path: AcquireLeaseRequest["path"];
  readonly gatewayId: string;
  readonly incarnation: bigint;
  isClosed = false;
  isRecalled = false;
  readonly #records = new Map<number, BookRecord>();
  /** The most that it can come to. */
  #cap: bigint;
  #finalCount: number | undefined;

  constructor(id: string, path: WalletBook["path"], { gatewayId, incarnation }: Pick<WalletBook, "gatewayId" | "incarnation">, credit: bigint) {
    this.id = id;
    this.path = path;
    this.gatewayId = gatewayId;
    this.incarnation = incarnation;
    this.#cap = credit;
  }

  /** What it holds now. */
  get held(): bigint {
    const drawn = this.#records.values().reduce((sum, record) => sum + record.drawn, 0n);
    return this.isClosed || drawn > this.#cap ? 0n : this.#cap - drawn;
  }

  /** What its records came to. */
  get charged(): bigint {
    return this.#records.values().reduce((sum, { cost }) => sum + cost, 0n);
  }

  /** Takes a settlement, each record once; by how much the charge rose. */
  post({ records, ceiling, finalCount }: LeaseSettlement): bigint {
    const before = this.charged;
    for (const { number, worst, cost, indeterminate } of records) {
      const known = this.#records.get(Number(number));
      if (known !== undefined && (indeterminate || !known.isIndeterminate)) continue;
      const [charged, most] = [usdOf(cost), usdOf(worst)];
      this.#records.set(Number(number), { cost: charged, drawn: charged < most ? charged : most, isIndeterminate: indeterminate });
    }
    if (ceiling !== undefined && usdOf(ceiling.amounts) < this.#cap) this.#cap = usdOf(ceiling.amounts);
    if (finalCount !== undefined) this.#finalCount = Number(finalCount);
    if (this.#finalCount !== undefined && this.#records.size >= this.#finalCount) this.isClosed = true;
    return this.charged - before;
  }
}

/** An amount of nano-dollars. */
export function usd(value: bigint): Amount[] {
  return [{ unit: Unit.UNIT_USD, value }];
}

/** The nano-dollars among amounts. */
export function usdOf(amounts: readonly Amount[]): bigint {
  return amounts.find(({ unit }) => unit === Unit.UNIT_USD)?.value ?? 0n;
}
