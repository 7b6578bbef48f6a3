import type { MessageEvent } from "@alfred/contracts";

/** An event of a type that says no more. */
export function eventOf(type: string): MessageEvent {
  return { type, message: undefined, contentBlock: undefined, delta: undefined, usage: undefined, alfred: undefined, extra: {} };
}

/** A block is over. */
export function blockStop(index: number): MessageEvent {
  return { ...eventOf("content_block_stop"), index };
}
