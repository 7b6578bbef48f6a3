import type { Amount, Unit } from "./amount.ts";
import { unitsOf, valueOf } from "./amount.ts";
import type { RecordNumbers } from "./record-numbers.ts";

/** What happened to money. */
export type TransferKind =
  | "reserve"
  | "grant"
  | "settle"
  | "correction"
  | "release"
  | "suspend"
  | "close"
  | "refund"
  | "denial";

/** What an entry changes. */
export type Bucket = "available" | "held" | "suspense" | "posted";

/** The account that owes what is spent, in every organisation's books. */
export const PROVIDER_PAYABLE = "provider_payable";

/** One side of a transfer; negative for a debit. */
export interface Entry {
  readonly accountId: string;
  readonly bucket: Bucket;
  readonly unit: Unit;
  readonly value: bigint;
}

/** One movement of money, never changed afterwards. Its entries sum to zero per unit. */
export interface Transfer {
  readonly id: string;
  readonly organisationId: string;
  readonly kind: TransferKind;
  /** The account charged; of what only holds or releases the one that the lease hangs on. */
  readonly accountId: string;
  /** Empty for a denial. */
  readonly leaseId: string;
  readonly requestId: string;
  readonly amounts: readonly Amount[];
  /** The records posted by a settlement, or replaced by a correction. */
  readonly records: RecordNumbers;
  /** A memo, no entry: by how much the overrun of `accountId` and all above it changed; negative for less. */
  readonly overrun: readonly Amount[];
  readonly reason: string;
  readonly createTimeMs: number;
  readonly entries: readonly Entry[];
}

/** Moves amounts between two buckets of one account. */
export function moved(accountId: string, from: Bucket, to: Bucket, amounts: readonly Amount[]): Entry[] {
  return written(amounts, (unit, value) => [
    { accountId, bucket: from, unit, value: -value },
    { accountId, bucket: to, unit, value },
  ]);
}

/** Posts amounts to an account and owes them to the providers; negative amounts undo that. */
export function posted(accountId: string, amounts: readonly Amount[]): Entry[] {
  return written(amounts, (unit, value) => [
    { accountId, bucket: "posted", unit, value },
    { accountId: PROVIDER_PAYABLE, bucket: "posted", unit, value: -value },
  ]);
}

/** The negative of each amount. */
export function negated(amounts: readonly Amount[]): Amount[] {
  return amounts.map(({ unit, value }) => ({ unit, value: -value }));
}

/** Moves what was posted from one account to another; nothing where they are the same. */
export function reposted(fromId: string, toId: string, amounts: readonly Amount[]): Entry[] {
  if (fromId === toId) return [];
  return written(amounts, (unit, value) => [
    { accountId: fromId, bucket: "posted", unit, value: -value },
    { accountId: toId, bucket: "posted", unit, value },
  ]);
}

function written(amounts: readonly Amount[], sides: (unit: Unit, value: bigint) => Entry[]): Entry[] {
  return unitsOf(amounts).flatMap((unit) => {
    const value = valueOf(amounts, unit);
    return value === 0n ? [] : sides(unit, value);
  });
}
