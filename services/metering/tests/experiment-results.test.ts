import { type ArmResults, AttemptOutcome, GetExperimentResultsRequest, type UsageRecord, UsageSource } from "@alfred/contracts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Caller, record, refusal, TestMetering } from "./harness.ts";

const NOW_MS = Date.parse("2026-11-21T12:00:00Z");
const START = new Date("2026-11-20T10:00:00Z");
const { ATTEMPT_OUTCOME_FAILED: FAILED, ATTEMPT_OUTCOME_CANCELLED: CANCELLED } = AttemptOutcome;

/** A record of the trial that took so long. */
function of(id: string, arm: string, durationMs: number, fields: Partial<UsageRecord> = {}): UsageRecord {
  const cost = { unit: 1, value: BigInt(durationMs) * 7n } as const;
  return record(id, { arm: { experiment: "trial", arm, shadowOf: "" }, startTime: START, endTime: new Date(START.getTime() + durationMs), firstByteMs: BigInt(durationMs / 2), cost, ...fields });
}

/** What no provider answered. */
const failed = (reason: string): Partial<UsageRecord> => ({ outcome: reason === "CANCELLED" ? CANCELLED : FAILED, reason, firstByteMs: undefined, quantities: [], source: UsageSource.USAGE_SOURCE_NONE });
const copyOf = (id: string, durationMs: number, fields: Partial<UsageRecord> = {}): UsageRecord =>
  of(`copy_${id}`, "copy", durationMs, { keyId: "", path: ["team_1", "org_1"], userId: "", arm: { experiment: "trial", arm: "copy", shadowOf: id }, ...fields });

const RECORDS = [
  ...Array.from({ length: 20 }, (_, index) => of(`req_${index}`, "control", 2 * (index + 1))),
  ...Array.from({ length: 4 }, (_, index) => of(`req_new_${index}`, "new", 200, { source: UsageSource.USAGE_SOURCE_ESTIMATED, quantities: [{ meter: "input_tokens", quantity: 3n }, { meter: "cache_read_tokens", quantity: 1n }] })),
  // Tried again and answered; given up; left by its client.
  { ...of("req_again", "new", 10, failed("PROVIDER_RATE_LIMITED")), recordId: "req_again/1" },
  { ...of("req_again", "new", 400), recordId: "req_again/2" },
  { ...of("req_down", "new", 10, failed("PROVIDER_RATE_LIMITED")), recordId: "req_down/1" },
  { ...of("req_down", "new", 10, failed("PROVIDER_UNAVAILABLE")), recordId: "req_down/2" },
  of("req_left", "new", 30, failed("CANCELLED")),
  copyOf("req_0", 50),
  copyOf("req_3", 70),
  copyOf("req_new_1", 90, failed("PROVIDER_TIMEOUT")),
];
const APART = [
  of("req_old", "control", 2, { startTime: new Date("2026-10-01T00:00:00Z"), endTime: new Date("2026-10-01T00:00:01Z") }),
  of("req_other", "control", 2, { arm: { experiment: "another", arm: "control", shadowOf: "" } }),
  of("req_foreign", "control", 8, { organisationId: "org_2", keyId: "key_other" }),
  record("req_none"),
];

let metering: TestMetering;

beforeAll(async () => {
  metering = await TestMetering.start({ now: () => NOW_MS });
  await metering.client("service").recordUsage({ requestId: "seed", records: [...RECORDS, ...APART] });
});
afterAll(async () => {
  await metering[Symbol.asyncDispose]();
});

const ask = (fields: Partial<GetExperimentResultsRequest> = {}, caller: Caller = "admin") =>
  metering.client(caller).getExperimentResults({ ...GetExperimentResultsRequest.create({ experiment: "trial" }), ...fields });

async function armsOf(fields: Partial<GetExperimentResultsRequest> = {}, caller: Caller = "admin"): Promise<Record<string, ArmResults>> {
  const { arms } = await ask(fields, caller);
  return Object.fromEntries(arms.map((arm) => [arm.arm, arm]));
}

describe("results by arm", () => {
  test("are the sums of the usage records", async () => {
    const { arms, startTime, endTime } = await ask();
    expect(arms.map(({ arm, shadow }) => [arm, shadow])).toEqual([["control", false], ["copy", true], ["new", false]]);
    expect([startTime, endTime]).toEqual([new Date(NOW_MS - 30 * 86_400_000), new Date(NOW_MS)]);
    for (const arm of arms) {
      const own = RECORDS.filter((each) => each.arm?.arm === arm.arm);
      expect(arm.attempts).toBe(BigInt(own.length));
      expect(arm.requests).toBe(BigInt(new Set(own.map(({ requestId }) => requestId)).size));
      expect(arm.cost?.value).toBe(own.reduce((sum, { cost }) => sum + (cost?.value ?? 0n), 0n));
      const meters = Map.groupBy(own.flatMap(({ quantities }) => quantities), ({ meter }) => meter);
      expect(arm.quantities).toEqual([...meters].map(([meter, all]) => ({ meter, quantity: all.reduce((sum, { quantity }) => sum + quantity, 0n) })).toSorted((left, right) => (left.meter < right.meter ? -1 : 1)));
      const reasons = Map.groupBy(own.filter(({ reason }) => reason !== ""), ({ reason }) => reason);
      expect(arm.failures).toEqual([...reasons].map(([reason, all]) => ({ reason, attempts: BigInt(all.length) })).toSorted((left, right) => (left.reason < right.reason ? -1 : 1)));
    }
  });

  test("count requests that nobody answered, and those of which there is a copy", async () => {
    const arms = await armsOf();
    expect(Object.values(arms).map(({ arm, requests, unansweredRequests, shadowedRequests, estimatedAttempts }) => [arm, requests, unansweredRequests, shadowedRequests, estimatedAttempts])).toEqual([
      ["control", 20n, 0n, 2n, 0n],
      ["copy", 3n, 1n, 0n, 0n],
      ["new", 7n, 2n, 1n, 4n],
    ]);
  });

  test("have the times of what was answered", async () => {
    const { control, copy, new: other } = await armsOf();
    // 2, 4, …, 40 ms, half of each until the first byte.
    expect(control?.whole).toEqual({ measured: 20n, meanMs: 21, p50Ms: 20n, p95Ms: 38n });
    expect(control?.firstByte).toEqual({ measured: 20n, meanMs: 10.5, p50Ms: 10n, p95Ms: 19n });
    expect(copy?.whole).toEqual({ measured: 2n, meanMs: 60, p50Ms: 50n, p95Ms: 70n });
    expect(other?.whole).toEqual({ measured: 5n, meanMs: 240, p50Ms: 200n, p95Ms: 400n });
  });

  test("are of a time, and of one experiment", async () => {
    expect((await armsOf({ startTime: new Date("2026-09-01T00:00:00Z") }))["control"]?.requests).toBe(21n);
    expect((await armsOf({ endTime: START }))["control"]).toBeUndefined();
    expect(Object.keys(await armsOf({ experiment: "another" }))).toEqual(["control"]);
    expect(await armsOf({ experiment: "unheard-of" })).toEqual({});
  });
});

describe("who asks", () => {
  test("as an administrator sees what its organisation paid for", async () => {
    expect((await armsOf({}, "other"))["control"]?.requests).toBe(1n);
    expect(await refusal(ask({ organisationId: "org_1" }, "other"))).toMatchObject({ code: "NOT_FOUND" });
    expect(await refusal(ask({ organisationId: "org_2", experiment: "" }, "admin"))).toMatchObject({ code: "NOT_FOUND" });
  });

  test("as root sees all, or one", async () => {
    expect((await armsOf({}, "root"))["control"]).toMatchObject({ requests: 21n, shadowedRequests: 2n });
    expect((await armsOf({ organisationId: "org_2" }, "root"))["control"]?.requests).toBe(1n);
  });

  test("as a user sees nothing", async () => {
    expect(await refusal(ask({}, "user"))).toMatchObject({ code: "ROLE_INSUFFICIENT" });
  });
});

test.each<[string, Partial<GetExperimentResultsRequest>, string]>([
  ["no experiment", { experiment: "" }, "experiment"],
  ["a name without end", { experiment: "x".repeat(300) }, "experiment"],
  ["an end before its start", { startTime: new Date("2026-11-02"), endTime: new Date("2026-11-01") }, "start_time"],
  ["more than a year", { startTime: new Date("2020-01-01") }, "start_time"],
])("%s is refused", async (_name, fields, field) => {
  expect(await refusal(ask(fields))).toMatchObject({ code: "INVALID_ARGUMENT", metadata: { field } });
});
