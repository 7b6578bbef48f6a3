import type { ResponseItem, ResponseRequest } from "@alfred/contracts";
import { type AlfredError, fail } from "@alfred/errors";
import { isReference, isWhole, itemsOf } from "../responses/kept.ts";
import type { Holder } from "./holder.ts";
import type { ItemIds, StoredItem } from "./item-ids.ts";

/** Items that a request may refer to; each has to be proven. */
const MAX_REFERENCES = 4_096;

/** What items of a request stand for that it names by ids. */
export class PastItems {
  readonly #ids: ItemIds;
  readonly #found = new Map<string, StoredItem>();

  /**
   * @param holders providers that may keep them, one of which has to keep all
   * @throws AlfredError INVALID_ARGUMENT where there are more than 4,096
   */
  constructor(ids: ItemIds, request: ResponseRequest, holders: Iterable<string>) {
    this.#ids = ids;
    const named = new Set(itemsOf(request).filter(isReference).map(({ id = "" }) => id));
    if (named.size > MAX_REFERENCES) throw tooMany();
    for (const id of named) {
      const item = this.#open(id, this.holder === undefined ? holders : [this.holder.providerId]);
      // One that is nobody's is enough to refuse all of them.
      if (item === undefined) return;
      this.#found.set(id, item);
    }
  }

  /** Where they are kept; undefined where there are none. */
  get holder(): Holder | undefined {
    const [first] = this.#found.values();
    return first;
  }

  /** Each source of theirs once: what its items come to is told of all of them together. */
  get sources(): StoredItem[] {
    return [...new Map(this.#found.values().map((item) => [item.source, item])).values()];
  }

  /** By the ids that the client knows. */
  get names(): ReadonlyMap<string, StoredItem> {
    return this.#found;
  }

  /**
   * An item as its provider is to get it: what is only named by the provider's id, and so what does not say all that it is, where its
   * id is one.
   * @throws AlfredError NOT_FOUND where it names nothing of the caller's that is kept there
   */
  sent(item: ResponseItem, providerId: string): ResponseItem {
    const { id = "" } = item;
    if (isReference(item)) {
      const found = this.#found.get(id);
      if (found?.providerId !== providerId) throw itemNotFound(id);
      return { ...item, type: "item_reference", id: found.upstreamId };
    }
    const own = needsId(item) ? this.#ids.open(id, providerId) : undefined;
    return own === undefined ? item : { ...item, id: own.upstreamId };
  }

  #open(id: string, holders: Iterable<string>): StoredItem | undefined {
    for (const providerId of holders) {
      const item = this.#ids.open(id, providerId);
      if (item !== undefined) return item;
    }
    return undefined;
  }
}

/** Whether an item has to be known by its id where it is sent on. */
export function needsId(item: ResponseItem): boolean {
  return isReference(item) || (item.id !== undefined && !isWhole(item.type));
}

const MAX_SHOWN = 256;

/** An id that stands for nothing of the caller's, or for what is kept elsewhere: the same to both. */
export function itemNotFound(id = ""): AlfredError {
  return fail("NOT_FOUND", `Item with id '${id.slice(0, MAX_SHOWN)}' not found.`, {
    hint: "Items can be referred to by keys of the organisation that asked, at the provider that answered, for 30 days, and only of answers that were asked without \"store\": false; else send them whole.",
    metadata: { field: "input" },
  });
}

function tooMany(): AlfredError {
  return fail("INVALID_ARGUMENT", `\`input\` must refer to at most ${MAX_REFERENCES} items.`, { metadata: { field: "input" } });
}
