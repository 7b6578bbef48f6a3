import type { Amount, Unit } from "./amount.ts";
import { most, nonZero, sameAmounts, UNITS, unitsOf, valueOf } from "./amount.ts";
import type { Balance } from "./balance.ts";
import { balanceId, used } from "./balance.ts";
import type { Lease } from "./lease.ts";
import { heldOf } from "./lease.ts";
import { LedgerLines } from "./ledger-lines.ts";
import type { LedgerLine } from "./ledger-lines.ts";
import type { MemoryBooks } from "./memory-books.ts";
import type { RecordNumbers } from "./record-numbers.ts";
import { hasRecord, NO_RECORDS, withRecord } from "./record-numbers.ts";
import type { Transfer } from "./transfer.ts";
import { PROVIDER_PAYABLE } from "./transfer.ts";

/**
 * What does not add up in the books as a whole, one sentence each; empty where all is well. What must hold at the
 * moment of a grant (I1, I8) cannot be seen any more: an `InvariantChecker` that looks after every step sees it.
 */
export function checkInvariants(books: MemoryBooks): string[] {
  return new InvariantChecker(books, { seesGrants: false }).check();
}

/** What is known of a lease from its transfers, and how it was when last looked at. */
interface LeaseLine {
  lease: Lease | undefined;
  posted: RecordNumbers;
  overrun: Map<Unit, bigint>;
}

/**
 * Watches the invariants I1 to I6, I8, I9 and I13 of leases.md, by adding up the transfers by itself. Each check looks
 * only at what changed since the last one; call it after every operation.
 */
export class InvariantChecker {
  readonly #books: MemoryBooks;
  readonly #seesGrants: boolean;
  readonly #lines: LedgerLines;
  readonly #leases = new Map<string, LeaseLine>();
  readonly #soundAccounts = new Set<string>();
  #faults: string[] = [];
  #transfers = 0;
  #leaseLog = 0;
  #balanceLog = 0;

  constructor(books: MemoryBooks, { seesGrants = true }: { readonly seesGrants?: boolean } = {}) {
    this.#books = books;
    this.#seesGrants = seesGrants;
    this.#lines = new LedgerLines((accountId) => this.#pathOf(accountId));
  }

  /** What does not add up since the last check, one sentence each. */
  check(): string[] {
    this.#faults = [];
    const { transfers, leaseLog, balanceLog } = this.#books;
    for (const transfer of transfers.slice(this.#transfers)) this.#addTransfer(transfer);
    for (const id of new Set(leaseLog.slice(this.#leaseLog))) this.#checkLease(id);
    for (const id of new Set([...balanceLog.slice(this.#balanceLog), ...this.#lines.takeTouched()])) this.#checkBalance(id);
    this.#transfers = transfers.length;
    this.#leaseLog = leaseLog.length;
    this.#balanceLog = balanceLog.length;
    return this.#faults;
  }

  #fault(message: string): void {
    this.#faults.push(message);
  }

  /** I5: an account lies where its parent does, for as long as it is there. */
  #pathOf(accountId: string): readonly string[] {
    const account = this.#books.account(accountId);
    if (account === undefined) {
      this.#fault(`I4: there is no account ${accountId}`);
      return [accountId];
    }
    const above = this.#books.account(account.parentId)?.path ?? [];
    if (!this.#soundAccounts.has(accountId) && account.path.join() !== [accountId, ...above].join()) {
      this.#fault(`I5: ${accountId} does not lie under its parent`);
    }
    this.#soundAccounts.add(accountId);
    return account.path;
  }

  #addTransfer(transfer: Transfer): void {
    const { id, leaseId, entries } = transfer;
    for (const unit of UNITS) {
      const sum = sumOf(entries.filter((entry) => entry.unit === unit).map(({ value }) => value));
      if (sum !== 0n) this.#fault(`I3: the entries of ${id} sum to ${sum} ${unit}`);
    }
    const lease = this.#books.lease(leaseId);
    if (lease === undefined) {
      if (entries.length > 0) this.#fault(`I4: ${id} has no lease`);
      return;
    }
    this.#lines.add(transfer, lease);
    this.#addToLease(transfer, lease);
    if (this.#seesGrants && (transfer.kind === "grant" || transfer.kind === "reserve")) this.#checkGrant(lease);
  }

  /** I6: no record is settled twice. I13: overrun is what was posted beyond what was drawn, and no more. */
  #addToLease(transfer: Transfer, { id: leaseId }: Lease): void {
    const line = this.#leaseLine(leaseId);
    for (const [first, last] of transfer.kind === "settle" ? transfer.records : []) {
      for (let number = first; number <= last; number += 1) {
        if (hasRecord(line.posted, number)) this.#fault(`I6: record ${number} of ${leaseId} was posted twice`);
        line.posted = withRecord(line.posted, number);
      }
    }
    for (const unit of unitsOf(transfer.overrun, transfer.amounts)) {
      const overrun = valueOf(transfer.overrun, unit);
      const excess = excessOf(transfer, unit);
      if (excess !== undefined && excess !== overrun) this.#fault(`I13: ${transfer.id} overran by ${excess} ${unit}, and says ${overrun}`);
      line.overrun.set(unit, (line.overrun.get(unit) ?? 0n) + overrun);
    }
  }

  /** I1: a grant leaves what is used within every limit. I8: only the latest start of a gateway is granted anything. */
  #checkGrant(lease: Lease): void {
    for (const accountId of lease.path) {
      for (const { unit, period, hard } of this.#books.account(accountId)?.limits ?? []) {
        const isAsked = hard !== undefined && valueOf(lease.credit, unit) > 0n;
        const balance = this.#books.balance({ accountId, unit, period, periodStartMs: lease.windowStarts[period] });
        if (isAsked && used(balance) > hard) this.#fault(`I1: ${labelOf(balance)} is above its limit after the grant of ${lease.id}`);
      }
    }
    const latest = this.#books.gateway(lease.gatewayId)?.incarnation;
    if (lease.gatewayId !== "" && latest !== lease.incarnation) {
      this.#fault(`I8: ${lease.id} was granted to start ${lease.incarnation}, the latest is ${latest}`);
    }
  }

  #leaseLine(id: string): LeaseLine {
    const line = this.#leases.get(id) ?? { lease: undefined, posted: NO_RECORDS, overrun: new Map<Unit, bigint>() };
    this.#leases.set(id, line);
    return line;
  }

  #checkLease(id: string): void {
    const lease = this.#books.lease(id);
    if (lease === undefined) return;
    const line = this.#leaseLine(id);
    this.#lines.holdInstead(line.lease, lease);
    for (const fault of leaseFaults(lease, line)) this.#fault(`${fault} (${id})`);
    line.lease = lease;
  }

  #checkBalance(id: string): void {
    const line = this.#lines.line(id);
    const balance = this.#books.balances.get(id);
    if (balance === undefined) {
      if (!isEmpty(line)) this.#fault(`I4: ${id} was never booked`);
      return;
    }
    for (const fault of balanceFaults(balance, line)) this.#fault(`${fault}: ${labelOf(balance)}`);
    line.committed = used(balance) - balance.overrun;
    line.mayRise = 0n;
  }
}

/** What a transfer posted beyond what it drew; undefined where that cannot be told from its entries. */
function excessOf({ kind, entries }: Transfer, unit: Unit): bigint | undefined {
  if (kind === "correction" || kind === "refund") return undefined;
  if (kind !== "settle" && kind !== "close") return 0n;
  const ofUnit = entries.filter((entry) => entry.unit === unit);
  const owed = -sumOf(ofUnit.filter(({ accountId }) => accountId === PROVIDER_PAYABLE).map(({ value }) => value));
  const drawn = sumOf(ofUnit.filter(({ bucket }) => bucket === "available").map(({ value }) => value));
  return most(owed - drawn, 0n);
}

function leaseFaults(lease: Lease, { lease: before, posted, overrun }: LeaseLine): string[] {
  const { cap, credit, drawn, charged, refunded, advance, records, state } = lease;
  const amounts = [cap, credit, drawn, charged, refunded, advance, lease.overrun].flat();
  const isOverRefunded = unitsOf(charged, refunded).some((unit) => valueOf(refunded, unit) > valueOf(charged, unit));
  const isAsPosted = JSON.stringify(posted) === JSON.stringify(lease.seen) && [...records.keys()].every((number) => hasRecord(posted, number));
  const said = [...overrun].map(([unit, value]): Amount => ({ unit, value }));
  const isBack = (before?.state === "closed" && state !== "closed") || (before?.state === "suspense" && state === "open");
  return [
    ...(amounts.some(({ value }) => value < 0n) ? ["I2: the lease has a negative amount"] : []),
    ...(isOverRefunded ? ["I2: more was given back than charged"] : []),
    ...(isAsPosted ? [] : ["I6: its transfers post other records than it has seen"]),
    ...(isBack ? [`I9: it was in ${before?.state} and is ${state} again`] : []),
    ...(state === "closed" && nonZero(heldOf(lease)).length > 0 ? ["I9: a closed lease holds something"] : []),
    ...(sameAmounts(said, lease.overrun) ? [] : ["I13: its overrun is not that of its transfers"]),
  ];
}

function balanceFaults(balance: Balance, line: LedgerLine): string[] {
  const { posted, held, suspense, overrun } = balance;
  const risen = used(balance) - overrun - line.committed;
  return [
    ...([posted, held, suspense, overrun].some((part) => part < 0n) ? ["I2: is below zero"] : []),
    ...(posted === line.posted && held === line.held && suspense === line.suspense ? [] : ["I4: is not the sum of its entries"]),
    ...(held === line.heldByLeases && suspense === line.suspenseOfLeases ? [] : ["I9: is not what its leases hold"]),
    ...(overrun === line.overrun ? [] : ["I13: has a wrong overrun"]),
    ...(risen > line.mayRise ? [`I1: rose by ${risen} without a grant`] : []),
  ];
}

function isEmpty({ posted, held, suspense, overrun, heldByLeases, suspenseOfLeases }: LedgerLine): boolean {
  return [posted, held, suspense, overrun, heldByLeases, suspenseOfLeases].every((part) => part === 0n);
}

function labelOf(balance: Balance): string {
  return balanceId(balance).replaceAll("\u0000", " ");
}

function sumOf(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n);
}
