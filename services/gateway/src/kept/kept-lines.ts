import { isUtf8 } from "node:buffer";
import { setImmediate as turn } from "node:timers/promises";
import { fail } from "@alfred/errors";

/** A line of a file: what stands in it, and its number from 1. */
export interface Line {
  readonly number: number;
  readonly text: string;
}

/** No line is longer, in bytes: a whole answer with many choices is not. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;
/** After so many lines others have their turn. */
const LINES_A_TURN = 32;
const NEW_LINE = 0x0a;

/**
 * The lines of a file as they come, but for blank ones: no more of it is held than one line.
 *
 * @throws AlfredError INVALID_ARGUMENT for a line that is too long, or no UTF-8
 */
export async function* linesOf(pieces: AsyncIterable<Buffer>): AsyncGenerator<Line, void> {
  let number = 0;
  for await (const bytes of cut(pieces)) {
    number += 1;
    if (number % LINES_A_TURN === 0) await turn();
    if (!isUtf8(bytes)) throw wrongLine(number, "is not UTF-8");
    const text = bytes.toString("utf8").trim();
    if (text !== "") yield { number, text };
  }
}

async function* cut(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  let held: Buffer[] = [];
  let size = 0;
  for await (let piece of pieces) {
    for (let end = piece.indexOf(NEW_LINE); end >= 0; end = piece.indexOf(NEW_LINE)) {
      yield Buffer.concat([...held, piece.subarray(0, end)]);
      [held, size, piece] = [[], 0, piece.subarray(end + 1)];
    }
    held.push(piece);
    size += piece.length;
    if (size > MAX_LINE_BYTES) throw fail("INVALID_ARGUMENT", `A line of the file is longer than ${MAX_LINE_BYTES / 1024 / 1024} MiB.`, { metadata: { field: "input_file_id" } });
  }
  if (size > 0) yield Buffer.concat(held);
}

/** INVALID_ARGUMENT for a line of a file. */
export function wrongLine(number: number, fault: string, hint?: string): Error {
  return fail("INVALID_ARGUMENT", `Line ${number} of the input file ${fault}.`, { ...(hint !== undefined && { hint }), metadata: { field: "input_file_id", line: String(number) } });
}
