import type { BalanceKey } from "../../../services/wallet/src/domain/balance.ts";
import { balanceId, used } from "../../../services/wallet/src/domain/balance.ts";
import type { Lease } from "../../../services/wallet/src/domain/lease.ts";
import type { MemoryBooks } from "../../../services/wallet/src/domain/memory-books.ts";
import { PERIODS } from "../../../services/wallet/src/domain/window.ts";
import { idsAbove } from "../accounts.ts";
import type { TalliedRecord, Tally } from "../tally.ts";
import { costOf, excessOf, knowledgeOf } from "./leases.ts";

/** I0, account by account: what providers billed there is used up there, but for what cannot be known yet. */
export class Billing {
  readonly #books: MemoryBooks;
  readonly #tally: Tally;
  readonly #billed = new Map<string, { readonly key: BalanceKey; total: bigint }>();
  /** Leases with records of which the wallet may not know the cost yet. */
  readonly #open = new Set<string>();

  constructor(books: MemoryBooks, tally: Tally) {
    this.#books = books;
    this.#tally = tally;
  }

  add(record: TalliedRecord, lease: Lease): void {
    this.#open.add(lease.id);
    for (const accountId of idsAbove(record.leafId)) {
      for (const { unit, value } of costOf(record)) {
        for (const period of PERIODS) this.#bill({ accountId, unit, period, periodStartMs: lease.windowStarts[period] }, value);
      }
    }
  }

  faults(keys: Iterable<BalanceKey>, understated: ReadonlySet<string>): string[] {
    const slack = this.#slack(understated);
    return [...keys].flatMap((key) => {
      const billed = this.#billed.get(balanceId(key))?.total ?? 0n;
      const allowed = used(this.#books.balance(key)) + (slack.get(balanceId(key)) ?? 0n);
      return billed <= allowed ? [] : [`I0: providers billed ${billed} at ${balanceId(key).replaceAll("\u0000", " ")}, of which ${allowed} is accounted for`];
    });
  }

  faultsAbove(leafId: string, understated: ReadonlySet<string>): string[] {
    const path = idsAbove(leafId);
    return this.faults([...this.#billed.values()].map(({ key }) => key).filter(({ accountId }) => path.includes(accountId)), understated);
  }

  #bill(key: BalanceKey, value: bigint): void {
    const id = balanceId(key);
    const known = this.#billed.get(id);
    if (known === undefined) this.#billed.set(id, { key, total: value });
    else known.total += value;
  }

  /**
   * What was billed and not posted, where that is not the books' fault: above a worst case, below the account that a
   * lease hangs on, and on leases of which an operator said less.
   */
  #slack(understated: ReadonlySet<string>): Map<string, bigint> {
    const slack = new Map<string, bigint>();
    for (const leaseId of this.#open) {
      const lease = this.#books.lease(leaseId);
      if (lease === undefined) continue;
      const unposted = [...this.#tally.ofLease(leaseId).values()].filter(({ number }) => knowledgeOf(lease, number) !== "actual");
      if (unposted.length === 0) {
        this.#open.delete(leaseId);
        continue;
      }
      for (const record of unposted) addSlack(slack, lease, record, understated.has(leaseId));
    }
    return slack;
  }
}

function addSlack(slack: Map<string, bigint>, lease: Lease, record: TalliedRecord, isUnderstated: boolean): void {
  const isKnown = knowledgeOf(lease, record.number) !== "nothing";
  for (const accountId of idsAbove(record.leafId)) {
    const isCovered = isKnown || (lease.path.includes(accountId) && !isUnderstated);
    const amounts = isCovered ? excessOf(record) : costOf(record);
    for (const { unit, value } of amounts) {
      for (const period of PERIODS) {
        const id = balanceId({ accountId, unit, period, periodStartMs: lease.windowStarts[period] });
        slack.set(id, (slack.get(id) ?? 0n) + value);
      }
    }
  }
}
