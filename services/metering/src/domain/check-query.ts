import { type QueryUsageRequest, Role, UsageDimension } from "@alfred/contracts";
import { fail } from "@alfred/errors";
import type { Principal } from "@alfred/rpc";
import { checkedName } from "./name.ts";
import { type PagePlace, readPageToken } from "./page-token.ts";
import { invalid } from "./refusal.ts";
import type { Dimension, UsageQuery } from "./usage-query.ts";

const DAY_MS = 86_400_000;
const DEFAULT_RANGE_MS = 30 * DAY_MS;
/** A leap year and a day, so that a year compared with the last fits in two queries. */
const MAX_RANGE_MS = 367 * DAY_MS;
const MAX_DIMENSIONS = 3;
const DEFAULT_PAGE_SIZE = 100;
const MAX_PAGE_SIZE = 1000;

/**
 * Checks a query and confines it to what the caller may see.
 *
 * @throws AlfredError INVALID_ARGUMENT, or NOT_FOUND for another tenant's organisation or key
 */
export function checkQuery(request: QueryUsageRequest, caller: Principal, nowMs: number): UsageQuery {
  const organisationId = caller.organisation(given("organisation_id", request.organisationId) ?? "");
  const filters = {
    organisationId,
    accountId: given("account_id", request.accountId),
    keyId: visibleKey(given("key_id", request.keyId), caller),
    userId: given("user_id", request.userId),
    teamId: given("team_id", request.teamId),
    model: given("model", request.model),
    provider: given("provider", request.provider),
    routeRule: given("route_rule", request.routeRule),
    experiment: given("experiment", request.experiment),
    arm: given("arm", request.arm),
    ...tagFilter(request),
    groupBy: dimensions(request),
  };
  const place = readPageToken(request.pageToken, filters);
  return { ...filters, ...timeRange(request, place, nowMs), pageSize: pageSize(request.pageSize), after: place?.after };
}

function given(field: string, filter: string): string | undefined {
  return checkedName(field, filter) || undefined;
}

/** A user's key sees itself alone; another's usage is as good as not there. */
function visibleKey(requested: string | undefined, caller: Principal): string | undefined {
  if (caller.role !== Role.ROLE_USER) return requested;
  if (requested !== undefined && requested !== caller.keyId) throw fail("NOT_FOUND", "There is no key with this id.");
  return caller.keyId ?? "";
}

function tagFilter({ tagKey, tagValue, groupBy }: QueryUsageRequest): Pick<UsageQuery, "tagKey" | "tagValue"> {
  if (tagKey === "" && tagValue !== "") throw invalid("tag_value", "is there without tag_key", "Name the tag.");
  if (tagKey === "" && groupBy.includes(UsageDimension.USAGE_DIMENSION_TAG)) {
    throw invalid("tag_key", "is needed to group by a tag", "Name the tag whose values to group by.");
  }
  return { tagKey: given("tag_key", tagKey), tagValue: given("tag_value", tagValue) };
}

function dimensions({ groupBy }: QueryUsageRequest): Dimension[] {
  if (groupBy.length > MAX_DIMENSIONS) throw invalid("group_by", `${groupBy.length} dimensions are too many`, `Use at most ${MAX_DIMENSIONS}.`);
  if (new Set(groupBy).size < groupBy.length) throw invalid("group_by", "names a dimension twice", "Name each once.");
  return groupBy.map((dimension) => {
    if (dimension > UsageDimension.USAGE_DIMENSION_UNSPECIFIED && dimension <= UsageDimension.USAGE_DIMENSION_ARM) return dimension as Dimension;
    throw invalid("group_by", "holds a dimension that is not known", "Use the dimensions of UsageDimension.");
  });
}

/** The range of the first page holds for all: "now" moves on while pages are read. */
export function timeRange(request: Pick<QueryUsageRequest, "startTime" | "endTime">, place: PagePlace | undefined, nowMs: number): Pick<UsageQuery, "startTime" | "endTime"> {
  const end = request.endTime?.getTime() ?? place?.endMs ?? nowMs;
  const start = request.startTime?.getTime() ?? place?.startMs ?? end - DEFAULT_RANGE_MS;
  if (!Number.isFinite(start)) throw invalid("start_time", "is not a time", "Use RFC 3339, as 2030-01-31T00:00:00Z.");
  if (!Number.isFinite(end)) throw invalid("end_time", "is not a time", "Use RFC 3339, as 2030-01-31T00:00:00Z.");
  if (start >= end) throw invalid("start_time", "is not before end_time", "Choose an earlier start, or a later end.");
  if (end - start > MAX_RANGE_MS) throw invalid("start_time", "is more than a year before end_time", "Ask for a year at most, and add the answers.");
  return { startTime: new Date(start), endTime: new Date(end) };
}

function pageSize(requested: number): number {
  if (requested === 0) return DEFAULT_PAGE_SIZE;
  if (requested >= 1 && requested <= MAX_PAGE_SIZE) return requested;
  throw invalid("page_size", `not between 1 and ${MAX_PAGE_SIZE}`, `Leave it out for ${DEFAULT_PAGE_SIZE}.`);
}
