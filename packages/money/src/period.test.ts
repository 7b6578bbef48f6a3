import { assert, constantFrom, integer, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { isTimeZone, periodBounds } from "./period.ts";
import type { Period } from "./period.ts";

const hourMs = 3_600_000;

function bounds(period: Period, timeZone: string, now: string): { start: string; end: string } {
  const { startMs, endMs } = periodBounds(period, timeZone, Date.parse(now));
  return { start: new Date(startMs).toISOString(), end: new Date(endMs ?? Number.NaN).toISOString() };
}

describe("the window of a period", () => {
  test("is a day from midnight to midnight where the organisation is", () => {
    expect(bounds("day", "Asia/Kolkata", "2025-03-01T20:00:00Z")).toEqual({
      start: "2025-03-01T18:30:00.000Z",
      end: "2025-03-02T18:30:00.000Z",
    });
  });

  test("is an ISO week, over the end of a year", () => {
    expect(bounds("week", "UTC", "2026-01-01T12:00:00Z")).toEqual({
      start: "2025-12-29T00:00:00.000Z",
      end: "2026-01-05T00:00:00.000Z",
    });
  });

  test("is a calendar month, also a leap February", () => {
    expect(bounds("month", "", "2028-02-29T23:59:59.999Z")).toEqual({
      start: "2028-02-01T00:00:00.000Z",
      end: "2028-03-01T00:00:00.000Z",
    });
  });

  test("has no end where there is no period", () => {
    expect(periodBounds("none", "Europe/Zurich", 1_700_000_000_000)).toEqual({ startMs: 0, endMs: undefined });
  });

  test.each([
    ["Europe/Zurich", "2025-03-30T12:00:00Z", 23],
    ["Europe/Zurich", "2025-10-26T12:00:00Z", 25],
    ["Australia/Lord_Howe", "2025-04-05T18:00:00Z", 24.5],
  ])("is as long as the day is in %s at %s", (timeZone, now, hours) => {
    const { startMs, endMs = Number.NaN } = periodBounds("day", timeZone, Date.parse(now));
    expect((endMs - startMs) / hourMs).toBe(hours);
  });

  test("begins after the gap where the clocks skip midnight", () => {
    expect(bounds("day", "Africa/Cairo", "2024-04-26T12:00:00Z").start).toBe("2024-04-25T22:00:00.000Z");
  });

  test("holds the moment, and the next begins where it ends, everywhere and always", () => {
    const zones = constantFrom("UTC", "Europe/Zurich", "America/New_York", "Pacific/Apia", "Africa/Cairo", "Asia/Kathmandu");
    const moments = integer({ min: 0, max: Date.UTC(2060, 0, 1) });
    assert(
      property(constantFrom<Period>("day", "week", "month"), zones, moments, (period, zone, nowMs) => {
        const { startMs, endMs = Number.NaN } = periodBounds(period, zone, nowMs);
        const inside = startMs <= nowMs && nowMs < endMs;
        return inside && periodBounds(period, zone, endMs).startMs === endMs && periodBounds(period, zone, startMs).startMs === startMs;
      }),
      { numRuns: 2_000 },
    );
  });
});

test("only time zones that exist are known", () => {
  expect(isTimeZone("Europe/Zurich")).toBe(true);
  expect(isTimeZone("Europe/Atlantis")).toBe(false);
  expect(isTimeZone("")).toBe(false);
  expect(isTimeZone("+01:00")).toBe(false);
  expect(isTimeZone("2025-01-01T00:00[Europe/Zurich]")).toBe(false);
  expect(() => periodBounds("day", "Europe/Atlantis", 0)).toThrow(RangeError);
});
