import { invalidValue } from "../json-fields.ts";
import { SimError } from "../sim-error.ts";

/** How a list is cut into pages. */
interface PageTerms {
  readonly usual: number;
  readonly most: number;
}

/** A page of a list whose newest come first, as OpenAI has it: `limit`, `after` and `order`. @throws SimError 400 */
export function pageOf<Item extends { readonly id: string }>(oldestFirst: readonly Item[], search: string, { usual, most }: PageTerms): { items: readonly Item[]; hasMore: boolean } {
  const query = new URLSearchParams(search);
  const limit = Number(query.get("limit") ?? usual);
  if (!Number.isInteger(limit) || limit < 1 || limit > most) throw invalidValue("limit", `a whole number from 1 to ${most}`);
  const order = query.get("order") ?? "desc";
  if (order !== "asc" && order !== "desc") throw invalidValue("order", "asc or desc");
  const sorted = order === "asc" ? oldestFirst : oldestFirst.toReversed();
  const after = query.get("after");
  const start = after === null ? 0 : sorted.findIndex(({ id }) => id === after) + 1;
  if (after !== null && start === 0) throw notThere(after);
  return { items: sorted.slice(start, start + limit), hasMore: start + limit < sorted.length };
}

/** The 404 for what is not kept. */
export function notThere(id: string): SimError {
  return new SimError(404, "request", { message: `No such object: ${id}`, param: "id" });
}
