import type { Call, Endpoint, Prepared } from "../../dialect.ts";
import { invalidValue } from "../../json-fields.ts";
import type { JsonObject } from "../../json-fields.ts";
import { SimError, invalidRequest } from "../../sim-error.ts";
import { decodeUriPart } from "../../uri-part.ts";
import type { ResponseShelf, ResponseStore, StoredResponse } from "./response-store.ts";

const PLACE = /\/responses\/([^/]+)(\/input_items|\/cancel)?$/;
const METHODS: Readonly<Record<string, readonly string[]>> = { "": ["GET", "DELETE"], "/input_items": ["GET"], "/cancel": ["POST"] };

/** What is asked of one response. */
interface Asked {
  readonly id: string;
  readonly shelf: ResponseShelf;
  readonly query: URLSearchParams;
}

/** Where a response that is kept is shown, deleted, cancelled, and what was asked of it; undefined for other paths. Source: https://platform.openai.com/docs/api-reference/responses */
export function storedResponses(store: ResponseStore): (call: Call) => Endpoint | undefined {
  return ({ method, path }) => {
    const [, id, part = ""] = PLACE.exec(path) ?? [];
    if (id === undefined) return undefined;
    const allowed = METHODS[part] ?? [];
    if (!allowed.includes(method)) throw new SimError(405, "method", { message: `Not allowed to ${method} on ${path}.`, code: "method_not_supported", headers: { Allow: allowed.join(", ") } });
    const answer = part === "/cancel" ? cancel : part === "/input_items" ? inputItems : method === "DELETE" ? remove : show;
    return { name: "stored_responses", prepare: (call) => prepared(answer({ id: decodeUriPart(id), shelf: store.of(call), query: new URLSearchParams(call.search) })) };
  };
}

function prepared(json: object): Prepared {
  return { model: null, stream: false, text: "", answer: () => ({ kind: "body", json: JSON.stringify(json) }) };
}

function found({ shelf, id }: Asked): StoredResponse {
  const stored = shelf.find(id);
  if (stored === undefined) throw new SimError(404, "request", { message: `Response with id '${id}' not found.` });
  return stored;
}

function show(asked: Asked): object {
  return found(asked).response;
}

function remove(asked: Asked): object {
  found(asked);
  asked.shelf.delete(asked.id);
  return { id: asked.id, object: "response", deleted: true };
}

function cancel(asked: Asked): never {
  found(asked);
  throw invalidRequest("Cannot cancel a synchronous response.");
}

/** A page of the items, the last of them first unless asked otherwise. */
function inputItems(asked: Asked): object {
  const { input } = found(asked);
  const { query } = asked;
  const order = query.get("order") ?? "desc";
  if (order !== "asc" && order !== "desc") throw invalidValue("order", "asc or desc");
  const limit = Number(query.get("limit") ?? 20);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) throw invalidValue("limit", "a whole number from 1 to 100");
  const items = order === "asc" ? input : input.toReversed();
  const rest = after(items, query.get("after"));
  const data = rest.slice(0, limit);
  return { object: "list", data, first_id: data[0]?.["id"] ?? null, last_id: data.at(-1)?.["id"] ?? null, has_more: rest.length > limit };
}

function after(items: readonly JsonObject[], id: string | null): readonly JsonObject[] {
  return id === null ? items : items.slice(items.findIndex((item) => item["id"] === id) + 1);
}
