import type { Unit } from "./amount.ts";
import { balanceId } from "./balance.ts";
import type { Lease } from "./lease.ts";
import { heldOf } from "./lease.ts";
import type { Bucket, Transfer } from "./transfer.ts";
import { PROVIDER_PAYABLE } from "./transfer.ts";
import { PERIODS } from "./window.ts";

/** What one balance should be, by the transfers and by the leases. */
export interface LedgerLine {
  posted: bigint;
  held: bigint;
  suspense: bigint;
  overrun: bigint;
  heldByLeases: bigint;
  suspenseOfLeases: bigint;
  /** What is used less what overran, when last looked at. */
  committed: bigint;
  /** By how much that may have risen since: by grants, and by what was charged to an account below its lease. */
  mayRise: bigint;
}

type Part = Exclude<keyof LedgerLine, "committed">;

const PARTS = { posted: "posted", held: "held", suspense: "suspense" } as const satisfies Partial<Record<Bucket, Part>>;

/** Adds up transfers and leases per balance, beside the books and from nothing but what they wrote. */
export class LedgerLines {
  readonly #lines = new Map<string, LedgerLine>();
  readonly #pathOf: (accountId: string) => readonly string[];
  #touched = new Set<string>();

  constructor(pathOf: (accountId: string) => readonly string[]) {
    this.#pathOf = pathOf;
  }

  /** The balances of which lines changed since they were last taken. */
  takeTouched(): ReadonlySet<string> {
    const touched = this.#touched;
    this.#touched = new Set();
    return touched;
  }

  line(id: string): LedgerLine {
    const none = { posted: 0n, held: 0n, suspense: 0n, overrun: 0n, heldByLeases: 0n, suspenseOfLeases: 0n, committed: 0n, mayRise: 0n };
    const line = this.#lines.get(id) ?? none;
    this.#lines.set(id, line);
    return line;
  }

  /** Adds the entries of a transfer, each to its account and all above, in the windows of its lease. */
  add({ kind, accountId, entries, overrun }: Transfer, lease: Lease): void {
    const isGrant = kind === "grant" || kind === "reserve";
    for (const entry of entries) {
      if (entry.accountId === PROVIDER_PAYABLE || entry.bucket === "available") continue;
      const path = this.#pathOf(entry.accountId);
      this.#change(path, lease, entry.unit, PARTS[entry.bucket], entry.value);
      const risen = isGrant ? path : path.filter((id) => !lease.path.includes(id));
      this.#change(risen, lease, entry.unit, "mayRise", entry.value);
    }
    for (const { unit, value } of overrun) {
      const path = this.#pathOf(accountId);
      this.#change(path, lease, unit, "overrun", value);
      this.#change(path.filter((id) => !lease.path.includes(id)), lease, unit, "mayRise", -value);
    }
  }

  /** Counts what a lease holds now instead of what it held before. */
  holdInstead(before: Lease | undefined, after: Lease): void {
    if (before !== undefined) this.#hold(before, -1n);
    this.#hold(after, 1n);
  }

  #hold(lease: Lease, sign: bigint): void {
    const part = lease.state === "open" ? "heldByLeases" : "suspenseOfLeases";
    for (const { unit, value } of heldOf(lease)) this.#change(lease.path, lease, unit, part, sign * value);
  }

  #change(path: readonly string[], { windowStarts }: Lease, unit: Unit, part: Part, value: bigint): void {
    if (value === 0n) return;
    for (const accountId of path) {
      for (const period of PERIODS) {
        const id = balanceId({ accountId, unit, period, periodStartMs: windowStarts[period] });
        this.line(id)[part] += value;
        this.#touched.add(id);
      }
    }
  }
}
