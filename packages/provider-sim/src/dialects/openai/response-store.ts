import { BoundedMap } from "../../bounded-map.ts";
import type { Call } from "../../dialect.ts";
import { isObject } from "../../json-fields.ts";
import type { JsonObject } from "../../json-fields.ts";

/** A response as it is kept. */
export interface StoredResponse {
  readonly response: JsonObject;
  /** What was asked of it alone, each item with an id. */
  readonly input: readonly JsonObject[];
  /** All that was said until then, its answer last. */
  readonly items: readonly JsonObject[];
}

/** What a request says of what it asks. */
interface Asked {
  readonly input: readonly JsonObject[];
  readonly items: readonly JsonObject[];
}

const MOST_KEYS = 64;
const MOST_RESPONSES = 10_000;
const MOST_ITEMS = 50_000;

/** The responses that are kept: for each key its own, the oldest leaving first. */
export class ResponseStore {
  readonly #shelves = new BoundedMap<ResponseShelf>(MOST_KEYS);

  /** What is kept for who calls. */
  of({ headers }: Call): ResponseShelf {
    const key = String(headers.authorization ?? headers["api-key"] ?? "");
    const known = this.#shelves.get(key);
    if (known !== undefined) return known;
    const shelf = new ResponseShelf();
    this.#shelves.set(key, shelf);
    return shelf;
  }
}

/** The responses of one key, at most 10,000. */
export class ResponseShelf {
  readonly #responses = new BoundedMap<StoredResponse | undefined>(MOST_RESPONSES);
  readonly #items = new BoundedMap<JsonObject>(MOST_ITEMS);
  readonly #thoughts = new BoundedMap<string>(MOST_ITEMS);

  find(id: string): StoredResponse | undefined {
    return this.#responses.get(id);
  }

  /** Whether there was one. */
  delete(id: string): boolean {
    const isThere = this.find(id) !== undefined;
    if (isThere) this.#responses.set(id, undefined);
    return isThere;
  }

  /** An item of a response that was kept. */
  item(id: string): JsonObject | undefined {
    return this.#items.get(id);
  }

  /** The id of the thoughts that an item was made after. */
  thoughtsBefore(id: string): string | undefined {
    return this.#thoughts.get(id);
  }

  keep(response: JsonObject, { input, items }: Asked): void {
    const { id, output } = response;
    const answer = Array.isArray(output) ? output.filter(isObject) : [];
    const own = input.map((item, index) => ({ ...item, id: item["id"] ?? `msg_${String(id)}_${index}` }));
    for (const item of [...own, ...answer]) this.#items.set(String(item.id), item);
    const thoughts = answer.find(({ type }) => type === "reasoning");
    for (const item of answer) if (thoughts !== undefined && item !== thoughts) this.#thoughts.set(String(item["id"]), String(thoughts["id"]));
    this.#responses.set(String(id), { response, input: own, items: [...items, ...answer] });
  }
}
