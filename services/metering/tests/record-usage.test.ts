import { createHash } from "node:crypto";
import { Event, type RecordUsageRequest, Unit, UsageRecord, UsageSource } from "@alfred/contracts";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type MeteringClient, record, refusal, TestMetering } from "./harness.ts";

let metering: TestMetering;
let service: MeteringClient;
let admin: MeteringClient;

beforeAll(async () => {
  metering = await TestMetering.start();
  service = metering.client("service");
  admin = metering.client("admin");
});
afterAll(async () => {
  await metering[Symbol.asyncDispose]();
});

function batch(...records: UsageRecord[]): RecordUsageRequest {
  return { requestId: `batch-${crypto.randomUUID()}`, records };
}

async function attemptsOf(requestedModel: string): Promise<bigint> {
  const { rows } = await admin.queryUsage(query({ model: requestedModel }));
  return rows[0]?.attempts ?? -1n;
}

function query(filters: object): Parameters<MeteringClient["queryUsage"]>[0] {
  const empty = { organisationId: "", accountId: "", keyId: "", userId: "", teamId: "", model: "", provider: "", tagKey: "", tagValue: "", startTime: undefined, endTime: undefined, groupBy: [], pageSize: 0, pageToken: "", routeRule: "", experiment: "", arm: "" };
  return { ...empty, ...filters };
}

describe("a record", () => {
  test("counts once, however often and with whatever content it is sent", async () => {
    const one = record("req_once", { model: "once" });
    expect(await service.recordUsage(batch(one, one))).toEqual({ recorded: 1, duplicates: 1 });
    expect(await service.recordUsage(batch({ ...one, cost: { unit: Unit.UNIT_USD, value: 5n } }))).toEqual({ recorded: 0, duplicates: 1 });
    const { rows } = await admin.queryUsage(query({ model: "once" }));
    expect(rows[0]).toMatchObject({ attempts: 1n, cost: { value: 21_000n } });
  });

  test("and its draft count once, whichever comes first", async () => {
    const charge = { ...record("req_charge", { model: "charge" }), chargeId: "req_charge/0" };
    const [draft, final] = [{ ...charge, recordId: "req_charge/0" }, { ...charge, recordId: "req_charge/2" }];
    const failed = { ...record("req_charge", { model: "charge", cost: { unit: Unit.UNIT_USD, value: 0n } }), recordId: "req_charge/1" };
    expect(await service.recordUsage(batch(failed, final))).toEqual({ recorded: 2, duplicates: 0 });
    expect(await service.recordUsage(batch(draft))).toEqual({ recorded: 0, duplicates: 1 });
    const other = { recordId: "req_other/0", chargeId: "req_other/0" };
    expect(await service.recordUsage(batch({ ...draft, ...other }))).toEqual({ recorded: 1, duplicates: 0 });
    expect(await service.recordUsage(batch({ ...final, ...other, recordId: "req_other/1" }))).toEqual({ recorded: 0, duplicates: 1 });
  });

  test("that several batches bring at once counts once", async () => {
    const records = Array.from({ length: 200 }, (_, index) => record(`req_race_${index}`, { model: "race" }));
    const batches = Array.from({ length: 12 }, (_, index) => batch(...(index % 2 === 0 ? records : records.toReversed())));
    const answers = await Promise.all(batches.map((each) => service.recordUsage(each)));
    expect(answers.reduce((sum, { recorded }) => sum + recorded, 0)).toBe(200);
    expect(await attemptsOf("race")).toBe(200n);
  });

  test("of several organisations may share a batch, in any order and at once", async () => {
    const both = (id: string): UsageRecord[] => [record(`${id}_a`, { model: "both" }), record(`${id}_b`, { model: "both", organisationId: "org_2", keyId: "key_other" })];
    const batches = Array.from({ length: 20 }, (_, index) => both(`req_both_${index}`)).map((each, index) => batch(...(index % 2 === 0 ? each : each.toReversed())));
    await Promise.all(batches.map((each) => service.recordUsage(each)));
    expect(await attemptsOf("both")).toBe(20n);
  });

  test("keeps odd text as it is", async () => {
    const odd = { 'quote"': "back\\slash", "{brace,comma}": "NULL", "ключ": "🙂" };
    await service.recordUsage(batch(record("req_odd", { model: 'a "model" {x}', tags: odd, path: ["key_1", 'acc"{,}\\', "org_1"], userId: "", teamId: "" })));
    const { rows } = await admin.queryUsage(query({ accountId: 'acc"{,}\\', tagKey: 'quote"', tagValue: "back\\slash" }));
    expect(rows[0]?.attempts).toBe(1n);
  });
});

describe("the outbox", () => {
  test("tells of each batch once per organisation, with a hash over the records", async () => {
    const records = [record("req_event_1"), record("req_event_2", { organisationId: "org_2", keyId: "key_other" }), record("req_event_3")];
    await service.recordUsage({ requestId: "batch-event", records });
    await service.recordUsage({ requestId: "batch-event-again", records });
    const ofBatch = (): Event[] => metering.events.map(({ bytes }) => Event.decode(bytes)).filter(({ requestId }) => requestId.startsWith("batch-event"));
    await vi.waitFor(() => expect(ofBatch()).toHaveLength(2), { timeout: 20_000 });
    const first = ofBatch().find(({ organisationId }) => organisationId === "org_1");
    const digest = createHash("sha256").update(UsageRecord.encode(records[0] as UsageRecord).finish()).update(UsageRecord.encode(records[2] as UsageRecord).finish());
    expect(first).toMatchObject({
      source: "metering",
      actor: "service",
      requestId: "batch-event",
      payload: { $case: "usageRecorded", value: { recordIds: ["req_event_1/1", "req_event_3/1"], recordsSha256: digest.digest(), cost: { unit: Unit.UNIT_USD, value: 42_000n } } },
    });
  });

  test("numbers the events of an organisation without a gap", async () => {
    const [gaps] = await metering.sql<{ gaps: string }>("SELECT count(*) AS gaps FROM (SELECT source_seq - row_number() OVER (PARTITION BY organisation_id ORDER BY source_seq) AS off FROM outbox) numbered WHERE off <> 0");
    expect(gaps?.gaps).toBe("0");
  });
});

describe("a batch with a record that cannot be", () => {
  const wrong: [string, Partial<UsageRecord>, string][] = [
    ["no id", { recordId: "" }, "record_id"],
    ["no request", { requestId: "" }, "request_id"],
    ["no path", { path: [] }, "path"],
    ["a path of nine", { path: ["key_1", "user_1", "team_1", "a", "b", "c", "d", "e", "org_1"] }, "path"],
    ["a path that ends elsewhere", { path: ["key_1", "user_1", "team_1"] }, "path"],
    ["a path of another key", { path: ["key_2", "user_1", "team_1", "org_1"] }, "path"],
    ["a path in a circle", { path: ["key_1", "user_1", "team_1", "user_1", "org_1"] }, "path"],
    ["a team that is not on the path", { teamId: "team_2" }, "team_id"],
    ["a user that is not on the path", { userId: "user_2" }, "user_id"],
    ["no operation", { operation: "" }, "operation"],
    ["control characters", { model: "a\u0000b" }, "model"],
    ["a negative quantity", { quantities: [{ meter: "input_tokens", quantity: -1n }] }, "quantities of input_tokens"],
    ["a quantity beyond reason", { quantities: [{ meter: "input_tokens", quantity: 10n ** 15n + 1n }] }, "quantities of input_tokens"],
    ["a meter twice", { quantities: [{ meter: "input_tokens", quantity: 1n }, { meter: "input_tokens", quantity: 1n }] }, "quantities"],
    ["a meter with an odd name", { quantities: [{ meter: "Input Tokens", quantity: 1n }] }, "quantities"],
    ["no source", { source: UsageSource.USAGE_SOURCE_UNSPECIFIED }, "source"],
    ["no cost", { cost: undefined }, "cost"],
    ["a cost in tokens", { cost: { unit: Unit.UNIT_TOKENS, value: 1n } }, "cost.unit"],
    ["a negative cost", { cost: { unit: Unit.UNIT_USD, value: -1n } }, "cost.value"],
    ["no start", { startTime: undefined }, "start_time"],
    ["an end before its start", { endTime: new Date("2026-11-20T10:29:59Z") }, "end_time"],
    ["a first byte before its start", { firstByteMs: -1n }, "first_byte_ms"],
    ["an id of a response that is too long", { providerResponseId: "r".repeat(257) }, "provider_response_id"],
    ["a pace that is negative", { outputTokensPerSecond: -0.5 }, "output_tokens_per_second"],
    ["a pace that is none", { outputTokensPerSecond: Number.NaN }, "output_tokens_per_second"],
    ["a pace beyond reason", { outputTokensPerSecond: Number.POSITIVE_INFINITY }, "output_tokens_per_second"],
    ["too many tags", { tags: Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`tag${index}`, "x"])) }, "tags"],
    ["a long tag", { tags: { name: "x".repeat(65) } }, "tags"],
  ];

  test.each(wrong)("(%s) is refused as a whole and names it", async (_case, partial, field) => {
    const good = record(`req_good_${crypto.randomUUID()}`, { model: "refused" });
    const bad = { ...record(`req_bad_${crypto.randomUUID()}`), ...partial };
    const { code, message, metadata } = await refusal(service.recordUsage(batch(good, bad)));
    expect(code).toBe("INVALID_ARGUMENT");
    expect(metadata["field"]).toBe(`records[1].${field}`);
    expect(message).toContain(JSON.stringify(bad.recordId));
    expect(await attemptsOf("refused")).toBe(0n);
  });

  test("of none or too many is refused", async () => {
    expect(await refusal(service.recordUsage(batch()))).toMatchObject({ code: "INVALID_ARGUMENT", metadata: { field: "records" } });
    const many = Array.from({ length: 1001 }, (_, index) => record(`req_many_${index}`));
    expect(await refusal(service.recordUsage(batch(...many)))).toMatchObject({ code: "INVALID_ARGUMENT", metadata: { field: "records" } });
  });
});

test("a batch of 1,000 is taken", async () => {
  const many = Array.from({ length: 1000 }, (_, index) => record(`req_thousand_${index}`, { model: "thousand" }));
  expect(await service.recordUsage(batch(...many))).toEqual({ recorded: 1000, duplicates: 0 });
  expect(await attemptsOf("thousand")).toBe(1000n);
});

test("only peers may record", async () => {
  for (const caller of ["user", "admin", "root"] as const) {
    expect(await refusal(metering.client(caller).recordUsage(batch(record("req_forged"))))).toMatchObject({ code: "ROLE_INSUFFICIENT" });
  }
});

test("metrics count what was kept", async () => {
  const text = await metering.registry.metrics();
  expect(text).toMatch(/^alfred_metering_records_total [1-9]\d*$/m);
  expect(text).toMatch(/^alfred_metering_duplicates_total [1-9]\d*$/m);
  expect(text).toMatch(/^alfred_metering_batch_records_count [1-9]\d*$/m);
  expect(text).toMatch(/^alfred_metering_query_seconds_count [1-9]\d*$/m);
});
