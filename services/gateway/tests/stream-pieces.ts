import type { ChatCompletionChunk } from "@alfred/contracts";
import { FieldMismatch, SseDecoder, SseFrameTooLarge } from "@alfred/openai";
import { StreamFault, type ChatStreamReader } from "../src/providers/dialect.ts";

/** What came of a stream. */
export interface Heard {
  readonly chunks: ChatCompletionChunk[];
  readonly isWhole: boolean;
  /** Whether the reader gave it up, in one of the ways that it may. */
  readonly isFaulty: boolean;
}

const FAULTS = [SyntaxError, FieldMismatch, StreamFault, SseFrameTooLarge];

/** Reads server-sent events that come in these pieces. Throws what a reader may not throw. */
export function hear(reader: ChatStreamReader, pieces: readonly Uint8Array[]): Heard {
  const decoder = new SseDecoder();
  const chunks: ChatCompletionChunk[] = [];
  let isFaulty = false;
  try {
    for (const piece of pieces) for (const frame of decoder.push(piece)) chunks.push(...reader.push(frame));
  } catch (error) {
    isFaulty = FAULTS.some((known) => error instanceof known);
    if (!isFaulty) throw error;
  }
  return { chunks, isWhole: reader.isWhole, isFaulty };
}

/** A stream of these events, each by its name, if any, and its JSON. */
export function toStream(...events: readonly (readonly [name: string, data: unknown])[]): Buffer {
  const frames = events.map(([name, data]) => {
    const text = typeof data === "string" ? data : JSON.stringify(data);
    return `${name === "" ? "" : `event: ${name}\n`}data: ${text}\n\n`;
  });
  return Buffer.from(frames.join(""));
}
