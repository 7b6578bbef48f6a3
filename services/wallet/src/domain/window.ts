import { periodBounds } from "@alfred/money";
import type { Period, PeriodBounds } from "@alfred/money";

export type { Period };

export const PERIODS: readonly Period[] = ["day", "week", "month", "none"];

/** A window of one period. */
export type Window = PeriodBounds;

/** The windows that one moment falls into. */
export type Windows = Readonly<Record<Period, Window>>;

/** Where the windows of a moment begin: what a lease remembers of its grant. */
export type WindowStarts = Readonly<Record<Period, number>>;

/** Tells in which windows of a time zone a moment lies. Pure: the same question has one answer. */
export type Calendar = (timeZone: string, nowMs: number) => Windows;

export function startsOf(windows: Windows): WindowStarts {
  return {
    day: windows.day.startMs,
    week: windows.week.startMs,
    month: windows.month.startMs,
    none: windows.none.startMs,
  };
}

/**
 * A calendar that works out the windows of a time zone once a day: they change only at its midnight. It remembers one
 * day per time zone, so at most as many as there are IANA names.
 */
export function createCalendar(): Calendar {
  const today = new Map<string, Windows>();
  return (timeZone, nowMs) => {
    const known = today.get(timeZone);
    if (known !== undefined && covers(known.day, nowMs)) return known;
    const windows = windowsAt(timeZone, nowMs);
    today.set(timeZone, windows);
    return windows;
  };
}

function covers({ startMs, endMs }: Window, nowMs: number): boolean {
  return startMs <= nowMs && endMs !== undefined && nowMs < endMs;
}

function windowsAt(timeZone: string, nowMs: number): Windows {
  return {
    day: periodBounds("day", timeZone, nowMs),
    week: periodBounds("week", timeZone, nowMs),
    month: periodBounds("month", timeZone, nowMs),
    none: periodBounds("none", timeZone, nowMs),
  };
}
