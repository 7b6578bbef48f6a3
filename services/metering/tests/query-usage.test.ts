import { QueryUsageRequest, type QueryUsageResponse, UsageDimension, UsageSource, type UsageRow } from "@alfred/contracts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Caller, record, refusal, TestMetering } from "./harness.ts";

const D = UsageDimension;
const NOW_MS = Date.parse("2026-11-21T12:00:00Z");

let metering: TestMetering;

beforeAll(async () => {
  metering = await TestMetering.start({ now: () => NOW_MS });
  const usd = (value: bigint): { unit: 1; value: bigint } => ({ unit: 1, value });
  const at = (text: string): { startTime: Date; endTime: Date } => ({ startTime: new Date(text), endTime: new Date(text) });
  const records = [
    record("req_a", { cost: usd(100n), ...at("2026-11-20T10:59:59.999Z"), tags: { feature: "search", env: "prod" } }),
    // The same request, tried again at another provider.
    { ...record("req_a", { cost: usd(50n), provider: "azure", ...at("2026-11-20T11:00:00Z"), tags: { feature: "search" } }), recordId: "req_a/2" },
    record("req_b", { cost: usd(7n), source: UsageSource.USAGE_SOURCE_ESTIMATED, model: "gpt-4o", ...at("2026-11-19T23:30:00Z"), tags: { feature: "chat" }, routeRule: { id: "cheap", version: 3n }, arm: { experiment: "trial", arm: "small", shadowOf: "" } }),
    record("req_c", { cost: usd(1n), keyId: "key_2", userId: "user_2", path: ["key_2", "user_2", "team_1", "org_1"], ...at("2026-11-20T10:00:00Z"), quantities: [{ meter: "input_tokens", quantity: 5n }, { meter: "cache_read_tokens", quantity: 3n }] }),
    record("req_d", { cost: usd(1000n), keyId: "key_3", teamId: "team_2", userId: "", path: ["key_3", "team_2", "dep_1", "org_1"], ...at("2026-11-20T10:00:00Z") }),
    record("req_old", { cost: usd(99_999n), ...at("2026-10-01T00:00:00Z") }),
    record("req_foreign", { cost: usd(500_000n), organisationId: "org_2", keyId: "key_other", ...at("2026-11-20T10:00:00Z") }),
  ];
  await metering.client("service").recordUsage({ requestId: "seed", records });
});
afterAll(async () => {
  await metering[Symbol.asyncDispose]();
});

function ask(filters: Partial<QueryUsageRequest> = {}, caller: Caller = "admin"): Promise<QueryUsageResponse> {
  return metering.client(caller).queryUsage({ ...QueryUsageRequest.create(), ...filters });
}

async function costs(filters: Partial<QueryUsageRequest>, caller: Caller = "admin"): Promise<Record<string, bigint>> {
  const { rows } = await ask(filters, caller);
  return Object.fromEntries(rows.map(({ group, cost }) => [group.join("|"), cost?.value ?? -1n]));
}

async function total(filters: Partial<QueryUsageRequest>, caller: Caller = "admin"): Promise<UsageRow | undefined> {
  return (await ask(filters, caller)).rows[0];
}

describe("without groups", () => {
  test("there is one row with the totals of the last 30 days", async () => {
    const { rows, nextPageToken } = await ask();
    expect(nextPageToken).toBe("");
    expect(rows).toEqual([{
      group: [],
      requests: 4n,
      attempts: 5n,
      quantities: [{ meter: "cache_read_tokens", quantity: 3n }, { meter: "input_tokens", quantity: 405n }, { meter: "output_tokens", quantity: 40n }],
      cost: { unit: 1, value: 1158n },
      estimatedAttempts: 1n,
    }]);
  });

  test("there is one row of nothing where nothing was used", async () => {
    const { rows } = await ask({ model: "no-such-model" });
    expect(rows).toEqual([{ group: [], requests: 0n, attempts: 0n, quantities: [], cost: { unit: 1, value: 0n }, estimatedAttempts: 0n }]);
  });
});

describe("by", () => {
  test.each([
    ["key", D.USAGE_DIMENSION_KEY, { key_1: 157n, key_2: 1n, key_3: 1000n }],
    ["user", D.USAGE_DIMENSION_USER, { "": 1000n, user_1: 157n, user_2: 1n }],
    ["team", D.USAGE_DIMENSION_TEAM, { team_1: 158n, team_2: 1000n }],
    ["model", D.USAGE_DIMENSION_MODEL, { "gpt-4o": 7n, "gpt-4o-mini": 1151n }],
    ["provider", D.USAGE_DIMENSION_PROVIDER, { azure: 50n, openai: 1108n }],
    ["rule", D.USAGE_DIMENSION_ROUTE_RULE, { "": 1151n, cheap: 7n }],
    ["experiment", D.USAGE_DIMENSION_EXPERIMENT, { "": 1151n, trial: 7n }],
    ["arm", D.USAGE_DIMENSION_ARM, { "": 1151n, small: 7n }],
    ["hour", D.USAGE_DIMENSION_HOUR, { "2026-11-19T23:00:00Z": 7n, "2026-11-20T10:00:00Z": 1101n, "2026-11-20T11:00:00Z": 50n }],
    ["day", D.USAGE_DIMENSION_DAY, { "2026-11-19T00:00:00Z": 7n, "2026-11-20T00:00:00Z": 1151n }],
  ])("%s", async (_name, dimension, expected) => {
    expect(await costs({ groupBy: [dimension] })).toEqual(expected);
  });

  test("the values of a tag, leaving out what does not have it", async () => {
    expect(await costs({ groupBy: [D.USAGE_DIMENSION_TAG], tagKey: "feature" })).toEqual({ chat: 7n, search: 150n });
  });

  test("three at once, in their order", async () => {
    const rows = await costs({ groupBy: [D.USAGE_DIMENSION_TEAM, D.USAGE_DIMENSION_DAY, D.USAGE_DIMENSION_PROVIDER] });
    expect(Object.entries(rows)).toEqual([
      ["team_1|2026-11-19T00:00:00Z|openai", 7n],
      ["team_1|2026-11-20T00:00:00Z|azure", 50n],
      ["team_1|2026-11-20T00:00:00Z|openai", 101n],
      ["team_2|2026-11-20T00:00:00Z|openai", 1000n],
    ]);
  });
});

describe("only", () => {
  test.each<[string, Partial<QueryUsageRequest>, bigint]>([
    ["a key", { keyId: "key_2" }, 1n],
    ["a user", { userId: "user_1" }, 157n],
    ["a team", { teamId: "team_2" }, 1000n],
    ["an account and all below it", { accountId: "dep_1" }, 1000n],
    ["the root of the tree", { accountId: "org_1" }, 1158n],
    ["a model", { model: "gpt-4o" }, 7n],
    ["a provider", { provider: "azure" }, 50n],
    ["an experiment", { experiment: "trial" }, 7n],
    ["an arm", { arm: "small" }, 7n],
    ["a tag", { tagKey: "feature" }, 157n],
    ["a tag with a value", { tagKey: "feature", tagValue: "search" }, 150n],
    ["a time, its start included and its end not", { startTime: new Date("2026-11-20T10:00:00Z"), endTime: new Date("2026-11-20T11:00:00Z") }, 1101n],
    ["all of them together", { keyId: "key_1", teamId: "team_1", tagKey: "env", tagValue: "prod", provider: "openai" }, 100n],
    ["another tenant's account", { accountId: "org_2" }, 0n],
  ])("%s", async (_name, filters, cost) => {
    expect((await total(filters))?.cost?.value).toBe(cost);
  });
});

describe("who asks", () => {
  test("as a user sees the usage of its own key", async () => {
    expect(await costs({ groupBy: [D.USAGE_DIMENSION_KEY] }, "user")).toEqual({ key_1: 157n });
    expect((await total({ keyId: "key_1" }, "user"))?.cost?.value).toBe(157n);
    expect((await total({ keyId: "" , teamId: "team_2" }, "user"))?.cost?.value).toBe(0n);
    expect(await refusal(ask({ keyId: "key_2" }, "user"))).toMatchObject({ code: "NOT_FOUND" });
  });

  test("as an administrator sees no other tenant", async () => {
    expect(await costs({ groupBy: [D.USAGE_DIMENSION_KEY] }, "other")).toEqual({ key_other: 500_000n });
    expect((await total({ keyId: "key_1" }, "other"))?.cost?.value).toBe(0n);
    expect(await refusal(ask({ organisationId: "org_1" }, "other"))).toMatchObject({ code: "NOT_FOUND" });
  });

  test("as root names the organisation", async () => {
    expect((await total({ organisationId: "org_2" }, "root"))?.cost?.value).toBe(500_000n);
    expect(await refusal(ask({}, "root"))).toMatchObject({ code: "INVALID_ARGUMENT", metadata: { field: "organisation_id" } });
  });
});

describe("pages", () => {
  const byKeyAndHour = { groupBy: [D.USAGE_DIMENSION_KEY, D.USAGE_DIMENSION_HOUR] };

  test("hold each group once, whatever their size", async () => {
    const { rows: whole } = await ask(byKeyAndHour);
    expect(whole).toHaveLength(5);
    for (const pageSize of [1, 2, 3, 5]) {
      const rows: UsageRow[] = [];
      let pageToken = "";
      do {
        const page = await ask({ ...byKeyAndHour, pageSize, pageToken });
        expect(page.rows.length).toBeLessThanOrEqual(pageSize);
        rows.push(...page.rows);
        pageToken = page.nextPageToken;
      } while (pageToken !== "");
      expect(rows).toEqual(whole);
    }
  });

  test("are of one query: a token of another, or a changed one, is refused", async () => {
    const { nextPageToken } = await ask({ ...byKeyAndHour, pageSize: 1 });
    const [place = "", seal = ""] = nextPageToken.split(".");
    const shifted = Buffer.from(Buffer.from(place, "base64url").toString().replace("key_1", "key_0")).toString("base64url");
    for (const bad of ["x", "x.y", place, `${shifted}.${seal}`, `${nextPageToken}x`, "A".repeat(5000)]) {
      expect(await refusal(ask({ ...byKeyAndHour, pageToken: bad }))).toMatchObject({ code: "INVALID_ARGUMENT", metadata: { field: "page_token" } });
    }
    expect(await refusal(ask({ ...byKeyAndHour, model: "gpt-4o", pageToken: nextPageToken }))).toMatchObject({ metadata: { field: "page_token" } });
    expect(await refusal(ask({ ...byKeyAndHour, organisationId: "org_2", pageToken: nextPageToken }, "root"))).toMatchObject({ metadata: { field: "page_token" } });
  });
});

test("sums are exact beyond what a float holds", async () => {
  const most = 10n ** 15n;
  const huge = Array.from({ length: 10 }, (_, index) => record(`req_huge_${index}`, { model: "huge", cost: { unit: 1, value: most - BigInt(index) }, quantities: [{ meter: "input_tokens", quantity: most - 1n }] }));
  await metering.client("service").recordUsage({ requestId: "huge", records: huge });
  expect(await total({ model: "huge" })).toMatchObject({ cost: { value: 10n * most - 45n }, quantities: [{ meter: "input_tokens", quantity: 10n * most - 10n }] });
});

describe("what cannot be asked is refused", () => {
  test.each<[string, Partial<QueryUsageRequest>, string]>([
    ["an end before its start", { startTime: new Date("2026-11-02"), endTime: new Date("2026-11-01") }, "start_time"],
    ["an empty time", { startTime: new Date("2026-11-02"), endTime: new Date("2026-11-02") }, "start_time"],
    ["a start in the future", { startTime: new Date("2030-01-01") }, "start_time"],
    ["more than a year", { startTime: new Date("2020-01-01") }, "start_time"],
    ["four dimensions", { groupBy: [1, 2, 3, 4] }, "group_by"],
    ["a dimension twice", { groupBy: [D.USAGE_DIMENSION_KEY, D.USAGE_DIMENSION_KEY] }, "group_by"],
    ["a dimension that is not stated", { groupBy: [D.USAGE_DIMENSION_UNSPECIFIED] }, "group_by"],
    ["a tag to group by without its name", { groupBy: [D.USAGE_DIMENSION_TAG] }, "tag_key"],
    ["a tag's value without its name", { tagValue: "x" }, "tag_value"],
    ["a page too large", { pageSize: 1001 }, "page_size"],
    ["a page below nothing", { pageSize: -1 }, "page_size"],
    ["control characters in a filter", { model: "a\u0000" }, "model"],
    ["a filter without end", { tagKey: "x".repeat(300) }, "tag_key"],
  ])("%s", async (_name, filters, field) => {
    expect(await refusal(ask(filters))).toMatchObject({ code: "INVALID_ARGUMENT", metadata: { field } });
  });
});
