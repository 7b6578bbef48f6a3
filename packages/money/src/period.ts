/** How often a limit starts anew, at midnight in the organisation's time zone. */
export type Period = "day" | "week" | "month" | "none";

/** A window of time in epoch milliseconds: from `startMs` to before `endMs`; without an end for `none`. */
export interface PeriodBounds {
  readonly startMs: number;
  readonly endMs: number | undefined;
}

/**
 * The window of a period in which `nowMs` lies: a calendar day, an ISO week (Monday to Sunday) or a calendar month of
 * the IANA `timeZone` (empty means UTC), so a day of 23 or 25 hours where the clocks change. `none` is all time since
 * the epoch. Throws a RangeError for a time zone that does not exist.
 */
export function periodBounds(period: Period, timeZone: string, nowMs: number): PeriodBounds {
  if (period === "none") return { startMs: 0, endMs: undefined };
  const now = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(timeZone === "" ? "UTC" : timeZone);
  const first = firstDay(period, now.toPlainDate());
  const next = first.add(lengths[period]);
  return { startMs: midnightMs(first, now.timeZoneId), endMs: midnightMs(next, now.timeZoneId) };
}

/** Whether `text` names a time zone that `periodBounds` knows: an IANA name, not an offset from UTC. */
export function isTimeZone(text: string): boolean {
  // Temporal also takes offsets and whole timestamps here.
  if (!/^[A-Za-z]/.test(text)) return false;
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(text);
    return true;
  } catch {
    return false;
  }
}

const lengths = { day: { days: 1 }, week: { weeks: 1 }, month: { months: 1 } } as const;

function firstDay(period: Exclude<Period, "none">, date: Temporal.PlainDate): Temporal.PlainDate {
  switch (period) {
    case "day":
      return date;
    case "week":
      return date.subtract({ days: date.dayOfWeek - 1 });
    case "month":
      return date.with({ day: 1 });
  }
}

/** The first moment of a date: where the clocks skip midnight, the one after the gap. */
function midnightMs(date: Temporal.PlainDate, timeZone: string): number {
  return date.toZonedDateTime(timeZone).epochMilliseconds;
}
