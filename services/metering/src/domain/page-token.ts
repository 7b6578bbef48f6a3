import { hash } from "node:crypto";
import type { UsageQuery } from "./usage-query.ts";
import { invalid } from "./refusal.ts";

/** Where a page ended, and the times that the query meant. */
export interface PagePlace {
  startMs: number;
  endMs: number;
  after: string[];
}

/** What a token is bound to: the same query, whatever its times and page size. */
type Filters = Omit<UsageQuery, "startTime" | "endTime" | "pageSize" | "after">;

const MAX_TOKEN_LENGTH = 4096;

/** The token of the page that follows this place of the query. */
export function writePageToken(filters: Filters, { startMs, endMs, after }: PagePlace): string {
  const place = JSON.stringify([startMs, endMs, after]);
  return `${Buffer.from(place).toString("base64url")}.${seal(filters, place)}`;
}

/**
 * Reads a token; undefined where there is none. What a token may show is
 * decided anew from the caller, so the seal only has to catch mistakes.
 *
 * @throws AlfredError INVALID_ARGUMENT where it is not of this query
 */
export function readPageToken(token: string, filters: Filters): PagePlace | undefined {
  if (token === "") return undefined;
  const [body = "", sealed] = token.length <= MAX_TOKEN_LENGTH ? token.split(".") : [];
  const place = Buffer.from(body, "base64url").toString();
  if (sealed !== seal(filters, place)) throw notOfThisQuery();
  const [startMs, endMs, after] = JSON.parse(place) as [number, number, string[]];
  return { startMs, endMs, after };
}

function notOfThisQuery(): Error {
  const hint = "Send next_page_token as it came, with the same filters, or leave it out to begin anew.";
  return invalid("page_token", "is not a token of this query", hint);
}

function seal(filters: Filters, place: string): string {
  const { organisationId, accountId, keyId, userId, teamId, model, provider, tagKey, tagValue, groupBy } = filters;
  const bound = [organisationId, accountId, keyId, userId, teamId, model, provider, tagKey, tagValue, groupBy, place];
  return hash("sha256", JSON.stringify(bound), "base64url").slice(0, 22);
}
