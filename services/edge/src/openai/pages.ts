import { invalidField } from "@alfred/openai";

/** A page as OpenAI's lists are told. */
export function listOf(ids: readonly string[], data: readonly unknown[], hasMore: boolean): object {
  return { object: "list", data, first_id: ids[0] ?? null, last_id: ids.at(-1) ?? null, has_more: hasMore };
}

/** Which page is asked for. @throws AlfredError INVALID_ARGUMENT */
export function pageOf(query: URLSearchParams): { limit: number | undefined; order: string } {
  const limit = query.get("limit");
  if (limit !== null && !/^\d{1,6}$/.test(limit)) throw invalidField("limit", "a whole number");
  return { limit: limit === null ? undefined : Number(limit), order: query.get("order") ?? "" };
}
