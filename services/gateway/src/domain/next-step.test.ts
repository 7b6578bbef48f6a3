import { fail } from "@alfred/errors";
import { describe, expect, test } from "vitest";
import { nextStep } from "./next-step.ts";
import { UpstreamFailure } from "./upstream-failure.ts";

const POLICY = { maxAttempts: 3, baseDelayMs: 500, maxDelayMs: 8_000, maxCalls: 8, repeatsBilled: false };
const STANDING = { calls: 1, attempt: 1, isCooling: false, hasBudget: true, hasNext: true, isLeft: false, leftMs: 60_000 };
const failure = (options: ConstructorParameters<typeof UpstreamFailure>[1]) => new UpstreamFailure(fail("PROVIDER_UNAVAILABLE", "It failed."), options);
const passing = failure({ retryable: true });
const billed = failure({ billed: "prompt", elsewhere: true });

describe("after a failure", () => {
  test.each([
    ["the same is called again where that may help", passing, {}, {}, { kind: "again", delayMs: 250 }],
    ["the next once that is used up", passing, { attempt: 3 }, {}, { kind: "next" }],
    ["the next at once where the one that failed cools down", passing, { isCooling: true }, {}, { kind: "next" }],
    ["the same again where it cools down and there is no other", passing, { isCooling: true, hasNext: false }, {}, { kind: "again", delayMs: 250 }],
    ["the next at once where too many calls are repeated already", passing, { hasBudget: false }, {}, { kind: "next" }],
    ["nobody where that is so and there is no other", passing, { hasBudget: false, hasNext: false }, {}, { kind: "end" }],
    ["the next at once where another try cannot mend it", failure({ elsewhere: true }), {}, {}, { kind: "next" }],
    ["the next at once where it asks for too long a pause", failure({ retryable: true, retryAfterMs: 8_001 }), {}, {}, { kind: "next" }],
    ["nobody where the request is at fault", failure({}), {}, {}, { kind: "end" }],
    ["nobody where it may have been billed", billed, {}, {}, { kind: "end" }],
    ["the next where it may have been billed and that is wanted", billed, {}, { repeatsBilled: true }, { kind: "next" }],
    ["nobody where there is no other", passing, { attempt: 3, hasNext: false }, {}, { kind: "end" }],
    ["nobody after so many calls in all", passing, { calls: 8 }, {}, { kind: "end" }],
    ["nobody where nobody waits", passing, { isLeft: true }, {}, { kind: "end" }],
    ["nobody where the time is over", passing, { leftMs: 0 }, {}, { kind: "end" }],
  ] as const)("%s", (_, failed, standing, policy, expected) => {
    expect(nextStep({ ...POLICY, ...policy }, failed, { ...STANDING, ...standing }, 0.5)).toEqual(expected);
  });
});
