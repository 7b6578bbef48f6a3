import type * as wire from "@alfred/contracts";
import { fail } from "@alfred/errors";
import type { AlfredError } from "@alfred/errors";
import { isTimeZone } from "@alfred/money";
import type { AccountKind, Limit } from "../domain/account.ts";
import type { Amount } from "../domain/amount.ts";
import type { Period } from "../domain/window.ts";
import { kindFromWire, periodFromWire, unitFromWire } from "./mappers.ts";

/** Most of one unit that one request can move: 100 million dollars, so that no sum overflows. */
export const MAX_AMOUNT = 100_000_000_000_000_000n;
const MAX_REQUEST_ID = 128;
const MAX_ACCOUNT_ID = 64;
const MAX_LIMITS = 12;

/** The error for a field that is out of range; `field` in the metadata names it. */
export function invalid(field: string, message: string): AlfredError {
  return fail("INVALID_ARGUMENT", `\`${field}\` ${message}`, { metadata: { field } });
}

export function readRequestId(value: string): string {
  return readText("request_id", value, MAX_REQUEST_ID);
}

export function readAccountId(field: string, value: string): string {
  return readText(field, value, MAX_ACCOUNT_ID);
}

/** A text of 1 to `max` characters without control characters, which Postgres and logs do not take. */
export function readText(field: string, value: string, max: number): string {
  const isPrintable = !/[\p{Cc}\p{Cs}]/u.test(value);
  if (value.length >= 1 && value.length <= max && isPrintable) return value;
  throw invalid(field, `must be 1 to ${max} characters without control characters.`);
}

/** At least one amount, each unit once, each from `least` up. */
export function readAmounts(amounts: readonly wire.Amount[], least: bigint): readonly Amount[] {
  if (amounts.length === 0) throw invalid("amounts", "must have an entry per unit.");
  return readAnyAmounts(amounts, least);
}

/** Amounts that may be none at all. */
export function readAnyAmounts(amounts: readonly wire.Amount[], least: bigint, field = "amounts"): readonly Amount[] {
  const read = amounts.map(({ unit, value }): Amount => {
    if (value < least || value > MAX_AMOUNT) throw invalid(field, `must be from ${least} to ${MAX_AMOUNT}.`);
    return { unit: readUnit(`${field}.unit`, unit), value };
  });
  if (new Set(read.map(({ unit }) => unit)).size < read.length) throw invalid(field, "must name each unit once.");
  return read;
}

export function readUnit(field: string, unit: wire.Unit): Amount["unit"] {
  return unitFromWire(unit) ?? refuse(field, "must be a known unit.");
}

export function readPeriod(field: string, period: wire.Period): Period {
  return periodFromWire(period) ?? refuse(field, "must be a known period.");
}

export function readKind(field: string, kind: wire.AccountKind): AccountKind {
  return kindFromWire(kind) ?? refuse(field, "must be a known kind.");
}

/** What a limit says; `prefix` stands before the names of its fields. */
export function readBounds(prefix: string, { hard, soft, clamp }: LimitBounds): LimitBounds {
  if (hard !== undefined && hard < 0n) throw invalid(`${prefix}hard`, "must be at least 0.");
  if (soft !== undefined && soft < 0n) throw invalid(`${prefix}soft`, "must be at least 0.");
  if (soft !== undefined && hard !== undefined && soft > hard) throw invalid(`${prefix}soft`, "must be at most the hard limit.");
  if (clamp && hard === undefined) throw invalid(`${prefix}clamp`, "needs a hard limit.");
  return { hard, soft, clamp };
}

type LimitBounds = Pick<Limit, "hard" | "soft" | "clamp">;

/** Limits, each unit and period once. */
export function readLimits(field: string, limits: readonly wire.Limit[]): readonly Limit[] {
  const read = limits.map(({ unit, period, hard, soft, clamp }): Limit => ({
    unit: readUnit(`${field}.unit`, unit),
    period: readPeriod(`${field}.period`, period),
    ...readBounds(`${field}.`, { hard, soft, clamp }),
  }));
  const distinct = new Set(read.map(({ unit, period }) => `${unit} ${period}`));
  if (distinct.size < read.length || read.length > MAX_LIMITS) throw invalid(field, "must name each unit and period once.");
  return read;
}

/** A whole number from `least` up that JavaScript counts exactly. */
export function readCount(field: string, count: bigint, least: number): number {
  if (count >= least && count <= Number.MAX_SAFE_INTEGER) return Number(count);
  throw invalid(field, `must be from ${least} to ${Number.MAX_SAFE_INTEGER}.`);
}

/** The number of a gateway's start. */
export function readIncarnation(incarnation: bigint): bigint {
  return incarnation >= 1n ? incarnation : refuse("incarnation", "must be at least 1.");
}

/** A span of time from `leastMs` to `mostMs`, in milliseconds; `range` says so in words. */
export function readDuration(field: string, duration: wire.AcquireLeaseRequest["wait"], bounds: DurationBounds): number {
  if (duration === undefined) throw invalid(field, "is needed.");
  const spanMs = Number(duration.seconds) * 1_000 + Math.trunc(duration.nanos / 1_000_000);
  if (spanMs >= bounds.leastMs && spanMs <= bounds.mostMs) return spanMs;
  throw invalid(field, `must be ${bounds.range}.`);
}

interface DurationBounds {
  readonly leastMs: number;
  readonly mostMs: number;
  readonly range: string;
}

/** An IANA name; UTC where none is stated. */
export function readTimeZone(field: string, name: string): string {
  if (name === "") return "UTC";
  return isTimeZone(name) ? name : refuse(field, 'must be the IANA name of a time zone, such as "Europe/Zurich".');
}

function refuse(field: string, message: string): never {
  throw invalid(field, message);
}
