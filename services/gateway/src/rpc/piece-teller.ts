import type { ChatCompletionChunk, Receipt, StreamEnded, StreamStarted, TokenUsage } from "@alfred/contracts";
import type { RawFrame } from "../domain/provider-port.ts";
import type { Teller } from "./stream-answer.ts";

/** A streamed answer in a form of its own: what begins it, its pieces, its end. */
interface PieceEvent<Piece> {
  event: { $case: "started"; value: StreamStarted } | { $case: "piece"; value: Piece } | { $case: "ended"; value: StreamEnded };
}

/** Reads the pieces from the frames of a provider that speaks the form. */
interface NativePieces<Piece> {
  push(frames: readonly RawFrame[]): Piece[];
  end(isWhole: boolean, usage: TokenUsage | undefined, receipt: Receipt): Piece[];
}

/** Writes the pieces of an answer that was read as a chat's. */
interface WrittenPieces<Piece> {
  push(chunk: ChatCompletionChunk): Piece[];
  end(usage: TokenUsage | undefined, receipt: Receipt): Piece[];
}

/** Tells the provider's own events. */
export function nativeTeller<Piece>(pieces: NativePieces<Piece>): Teller<PieceEvent<Piece>> {
  return {
    started,
    said: (_chunks, stream) => pieces.push(stream.takeFrames()).map(piece),
    ended: ({ isWhole, usage, receipt }) => [...pieces.end(isWhole, usage, receipt).map(piece), ended(receipt)],
  };
}

/** Tells what was read as events. */
export function acrossTeller<Piece>(pieces: WrittenPieces<Piece>): Teller<PieceEvent<Piece>> {
  return {
    started,
    said: (chunks) => chunks.flatMap((chunk) => pieces.push(chunk)).map(piece),
    ended: ({ usage, receipt }) => [...pieces.end(usage, receipt).map(piece), ended(receipt)],
  };
}

function started(value: StreamStarted): PieceEvent<never> {
  return { event: { $case: "started", value } };
}

function piece<Piece>(value: Piece): PieceEvent<Piece> {
  return { event: { $case: "piece", value } };
}

function ended(receipt: Receipt): PieceEvent<never> {
  return { event: { $case: "ended", value: { receipt } } };
}
