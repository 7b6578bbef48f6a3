import type { Amount, Unit } from "../domain/amount.ts";
import { UNITS } from "../domain/amount.ts";
import type { Answer } from "../domain/identity.ts";
import type { PostedRecord } from "../domain/lease.ts";

/** Amounts as they are stored: an object of unit to integer in text, since JSON's numbers are floats. */
export type StoredAmounts = Readonly<Partial<Record<Unit, string>>>;

export function amountsToJson(amounts: readonly Amount[]): string {
  return JSON.stringify(toStored(amounts));
}

function toStored(amounts: readonly Amount[]): StoredAmounts {
  return Object.fromEntries(amounts.map(({ unit, value }) => [unit, String(value)]));
}

export function amountsFromJson(stored: StoredAmounts): Amount[] {
  return UNITS.flatMap((unit) => {
    const value = stored[unit];
    return value === undefined ? [] : [{ unit, value: BigInt(value) }];
  });
}

/** A posted record as it is stored. */
interface StoredRecord extends Pick<PostedRecord, "accountId" | "isIndeterminate"> {
  readonly drawn: StoredAmounts;
  readonly advanced: StoredAmounts;
  readonly beyond: StoredAmounts;
}

export type StoredRecords = Readonly<Record<string, StoredRecord>>;

export function recordsToJson(records: ReadonlyMap<number, PostedRecord>): string {
  const stored = [...records].map(([number, { accountId, isIndeterminate, drawn, advanced, beyond }]) => {
    const amounts = { drawn: toStored(drawn), advanced: toStored(advanced), beyond: toStored(beyond) };
    return [number, { accountId, isIndeterminate, ...amounts }];
  });
  return JSON.stringify(Object.fromEntries(stored));
}

export function recordsFromJson(stored: StoredRecords): ReadonlyMap<number, PostedRecord> {
  const records = Object.entries(stored).map(([number, { accountId, isIndeterminate, ...amounts }]): [number, PostedRecord] => {
    const { drawn, advanced, beyond } = amounts;
    const read = { drawn: amountsFromJson(drawn), advanced: amountsFromJson(advanced), beyond: amountsFromJson(beyond) };
    return [Number(number), { accountId, isIndeterminate, ...read }];
  });
  return new Map(records);
}

/** An answer as text; integers beyond JSON's are tagged, so that no text can be taken for one. */
export function answerToJson(answer: Answer): string {
  return JSON.stringify(answer, (_, value: unknown) => (typeof value === "bigint" ? { $bigint: String(value) } : value));
}

export function answerFromJson(text: string): Answer {
  const revived: unknown = JSON.parse(text, (_, value: unknown) => (isTagged(value) ? BigInt(value.$bigint) : value));
  // Only answerToJson writes this column.
  return revived as Answer;
}

function isTagged(value: unknown): value is { $bigint: string } {
  return typeof value === "object" && value !== null && "$bigint" in value && typeof value.$bigint === "string";
}
