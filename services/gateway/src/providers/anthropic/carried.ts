import type { Json } from "../loose-json.ts";

/** The fields of blocks that OpenAI's message keeps, or that say nothing. */
const FIELDS = new Set(["type", "text", "citations", "thinking", "signature", "data", "id", "name", "input", "caller"]);

/** The order of blocks that OpenAI's message keeps: thoughts, one text, calls. */
const RANKS: ReadonlyMap<unknown, number> = new Map([["thinking", 0], ["redacted_thinking", 0], ["text", 1], ["tool_use", 2]]);

/**
 * What an answer carries in `extra` of its message, where OpenAI has no field for it. A stream tells it once, with the
 * answer's end: some clients put a later list in the place of an earlier one, others append it.
 */
export class Carried {
  /** What it cites, as OpenAI's annotations. */
  readonly annotations: Json[] = [];
  readonly #blocks: Json[] = [];

  /** Takes the blocks of the answer, each whole, in their order. */
  addBlock(block: Json): void {
    this.#blocks.push(block);
  }

  /** `thinking_blocks` and `annotations`; `content_blocks` where the message could not be put together again without. */
  extra(): Record<string, string> {
    const thoughts = this.#blocks.filter(({ type }) => RANKS.get(type) === 0);
    const isKept = this.#hasOwnOrder(thoughts.length > 0) || this.#blocks.some(hasMore);
    const lists = { thinking_blocks: isKept ? [] : thoughts, annotations: this.annotations, content_blocks: isKept ? this.#blocks : [] };
    return Object.fromEntries(Object.entries(lists).flatMap(([name, list]) => (list.length === 0 ? [] : [[name, JSON.stringify(list)]])));
  }

  /** Signed thoughts have to come back at their places, in an answer that is otherwise the same. */
  #hasOwnOrder(hasThoughts: boolean): boolean {
    const ranks = this.#blocks.map(({ type }) => RANKS.get(type) ?? -1);
    const isSorted = ranks.every((rank, index) => rank >= (ranks[index - 1] ?? 0));
    return !isSorted || (hasThoughts && ranks.filter((rank) => rank === 1).length > 1);
  }
}

function hasMore(block: Json): boolean {
  return Object.entries(block).some(([name, value]) => !FIELDS.has(name) && value !== null);
}
