import type { ListResponseInputItemsRequest } from "@alfred/contracts";
import { type AlfredError, fail } from "@alfred/errors";

const MAX_INCLUDED = 16;
const INCLUDED = /^[\w.-]{1,128}$/;
const MAX_ITEMS = 100;
const ITEM = /^[\x21-\x7e]{1,256}$/;

/** What an answer is to have beside what it has anyway. @throws AlfredError INVALID_ARGUMENT */
export function checkIncluded(include: readonly string[]): readonly string[] {
  if (include.length <= MAX_INCLUDED && include.every((each) => INCLUDED.test(each))) return include;
  throw invalid("include", `at most ${MAX_INCLUDED} names of letters, digits, ".", "_" and "-"`);
}

/** Which items are asked for, as a query. @throws AlfredError INVALID_ARGUMENT */
export function checkInputItems({ limit, order, after, include }: ListResponseInputItemsRequest): URLSearchParams {
  if (limit !== undefined && (limit < 1 || limit > MAX_ITEMS)) throw invalid("limit", `a whole number from 1 to ${MAX_ITEMS}`);
  if (order !== undefined && order !== "asc" && order !== "desc") throw invalid("order", '"asc" or "desc"');
  if (after !== undefined && !ITEM.test(after)) throw invalid("after", "the id of an item");
  const query = new URLSearchParams(checkIncluded(include).map((each) => ["include[]", each]));
  for (const [name, value] of Object.entries({ limit, order, after })) if (value !== undefined) query.set(name, String(value));
  return query;
}

function invalid(field: string, expected: string): AlfredError {
  return fail("INVALID_ARGUMENT", `\`${field}\` must be ${expected}.`, { metadata: { field } });
}
