import type { Settlement } from "../../services/gateway/src/leases/effect.ts";
import { InvariantChecker } from "../../services/wallet/src/domain/invariants.ts";
import type { MemoryBooks } from "../../services/wallet/src/domain/memory-books.ts";
import type { Counters } from "./counters.ts";
import { Billing } from "./invariants/billing.ts";
import { coverFaults, knowledgeOf, leaseFaults, leaseName } from "./invariants/leases.ts";
import type { TalliedRecord, Tally } from "./tally.ts";
import { Violation } from "./trace.ts";

const SUMS_EVERY = 10;

/** Holds every step against the invariants of docs/leases.md, and throws at the first that does not hold. */
export class Auditor {
  readonly #books: MemoryBooks;
  readonly #tally: Tally;
  readonly #counters: Counters;
  readonly #checker: InvariantChecker;
  readonly #billing: Billing;
  readonly #answers = new Map<string, string>();
  /** Leases of which an operator said what they cost. */
  readonly #closedByOperator = new Set<string>();
  readonly #damaged = new Set<string>();
  #leaseLog = 0;
  #balanceLog = 0;
  #commits = 0;
  #calls = 0;

  constructor(parts: { books: MemoryBooks; tally: Tally; counters: Counters }) {
    this.#books = parts.books;
    this.#tally = parts.tally;
    this.#counters = parts.counters;
    this.#checker = new InvariantChecker(parts.books);
    this.#billing = new Billing(parts.books, parts.tally);
  }

  /** A gateway's journal lost something in its midst: what it says of a lease may come to more than the credit. */
  damaged(gatewayId: string): void {
    this.#damaged.add(gatewayId);
  }

  /** Whether what a settlement says of a lease depends on nothing but the lease and the settlement. */
  isPlain(leaseId: string): boolean {
    const lease = this.#books.lease(leaseId);
    return !this.#closedByOperator.has(leaseId) && !(lease?.isLost === true && this.#damaged.has(lease.gatewayId));
  }

  /** An operator says what a lease that is not closed cost, or is refused to. */
  closing(leaseId: string, isClosing: boolean): void {
    if (isClosing) this.#closedByOperator.add(leaseId);
    else this.#closedByOperator.delete(leaseId);
  }

  /** A transaction of the wallet is part of the books. */
  committed(): void {
    const { leaseLog, balanceLog, balances } = this.#books;
    expectNone(this.#checker.check());
    for (const id of new Set(leaseLog.slice(this.#leaseLog))) this.#checkLease(id);
    const touched = [...new Set(balanceLog.slice(this.#balanceLog))].flatMap((id) => balances.get(id) ?? []);
    this.#leaseLog = leaseLog.length;
    this.#balanceLog = balanceLog.length;
    // What each lease covers was checked; the sums over accounts follow from it, and are added up now and then.
    if ((this.#commits += 1) % SUMS_EVERY === 0) expectNone(this.#billing.faults(touched, this.#closedByOperator));
  }

  /** A provider was called. */
  billed(record: TalliedRecord): void {
    const lease = this.#books.lease(record.leaseId);
    if (lease === undefined) throw new Violation(`I12: ${record.leaseId} was never granted and is spent from`);
    if (lease.state === "closed") throw new Violation(`I12: ${leaseName(lease)} is spent from (record ${record.number})`);
    if (lease.state === "suspense") this.#counters.count("seen: spent from a lease in suspense");
    this.#billing.add(record, lease);
    this.#checkLease(lease.id);
    if ((this.#calls += 1) % SUMS_EVERY === 0) expectNone(this.#billing.faultsAbove(record.leafId, this.#closedByOperator));
  }

  /** I11: the same request id has one answer. */
  answered(requestId: string, answer: string): void {
    const first = this.#answers.get(requestId) ?? answer;
    this.#answers.set(requestId, first);
    if (first !== answer) throw new Violation(`I11: ${requestId} was answered with ${first}, and then with ${answer}`);
  }

  /** A settlement was answered: the wallet knows what it said, and an actual is the last word. */
  taken({ leaseId, records }: Settlement): void {
    const lease = this.#books.lease(leaseId);
    for (const { number, isIndeterminate } of records) {
      const knowledge = lease === undefined ? "nothing" : knowledgeOf(lease, number);
      if (knowledge === "nothing" || (knowledge === "indeterminate" && !isIndeterminate)) throw new Violation(`I7: record ${number} of ${leaseId} was settled, and the wallet has ${knowledge} of it`);
    }
  }

  /** Somebody waits for money at an account: whoever holds some of it is asked to give it back, wherever it is spent. */
  lacked(accountId: string): void {
    for (const lease of this.#books.leases.values()) {
      const holds = lease.state === "open" && lease.gatewayId !== "" && lease.path.includes(accountId);
      if (holds && !lease.isRecalled) throw new Violation(`recall: ${leaseName(lease)} holds what ${accountId} lacks, and was not asked back`);
    }
  }

  #checkLease(id: string): void {
    const lease = this.#books.lease(id);
    if (lease === undefined) return;
    const records = this.#tally.ofLease(id);
    expectNone(leaseFaults(lease, records, this.isPlain(id)));
    if (!this.#closedByOperator.has(id)) expectNone(coverFaults(lease, records));
  }
}

/** Throws where anything is wrong. */
export function expectNone(faults: readonly string[]): void {
  if (faults.length > 0) throw new Violation(faults.slice(0, 10).join("\n"));
}
