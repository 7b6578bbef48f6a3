import { describe, expect, test } from "vitest";
import { retryDelayMs } from "./retry.ts";

const POLICY = { maxAttempts: 3, baseDelayMs: 500, maxDelayMs: 8_000 };
const failed = { attempt: 1, retryable: true, leftMs: 60_000 };

describe("the pause before another attempt", () => {
  test.each([
    ["grows with each attempt", { ...failed, attempt: 2 }, 1, 1_000],
    ["is drawn from zero on", failed, 0, 0],
    ["has a bound", { ...failed, attempt: 2 }, 0.5, 500],
    ["is what the provider asks for", { ...failed, retryAfterMs: 3_000 }, 1, 3_000],
  ])("%s", (_, attempt, random, expected) => expect(retryDelayMs(POLICY, attempt, random)).toBe(expected));

  test.each([
    ["nothing else can come of it", { ...failed, retryable: false }],
    ["there were enough", { ...failed, attempt: 3 }],
    ["the provider asks for too long a pause", { ...failed, retryAfterMs: 8_001 }],
    ["the request would be over before", { ...failed, retryAfterMs: 1_000, leftMs: 900 }],
  ])("is none where %s", (_, attempt) => expect(retryDelayMs(POLICY, attempt, 0.5)).toBeUndefined());
});
