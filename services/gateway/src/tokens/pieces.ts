/** A stretch of a text that is counted by itself. */
export interface Piece {
  readonly text: string;
  /** Whether it is part of a run in which the encoding sees no boundary. */
  readonly isRun: boolean;
}

/**
 * Longest run that is counted whole, in UTF-16 units. Merging takes time quadratic in its bytes: 64 Ki characters take
 * half a minute in one run and some hundredths of a second in runs of this length, which is longer than any word.
 */
export const LONGEST_RUN = 128;

/** Longest piece, in UTF-16 units: some milliseconds' work of the dearest text there is. */
export const LONGEST_PIECE = 4 * 1024;

/**
 * Where the pre-tokenizers of o200k_base and cl100k_base see no boundary: letters with their marks, white space, and
 * whatever is neither of these nor a number. Numbers are cut by threes there.
 */
const RUNS = new RegExp(`[\\p{L}\\p{M}]{${LONGEST_RUN},}|\\s{${LONGEST_RUN},}|[^\\s\\p{L}\\p{N}]{${LONGEST_RUN},}`, "gu");

/** A text cut so that no piece is long and none has a long run; put together again the pieces are the text. */
export function* piecesOf(text: string): Generator<Piece, void> {
  let end = 0;
  for (const { 0: run, index } of text.matchAll(RUNS)) {
    yield* cut(text.slice(end, index), LONGEST_PIECE, false);
    yield* cut(run, LONGEST_RUN, true);
    end = index + run.length;
  }
  yield* cut(text.slice(end), LONGEST_PIECE, false);
}

function* cut(text: string, longest: number, isRun: boolean): Generator<Piece, void> {
  for (let start = 0; start < text.length; ) {
    const end = start + longest < text.length ? boundary(text, start, start + longest) : text.length;
    yield { text: text.slice(start, end), isRun };
    start = end;
  }
}

/** Before a space, where the encodings have a boundary too; else anywhere but within a character. */
function boundary(text: string, start: number, end: number): number {
  const space = text.lastIndexOf(" ", end);
  if (space > start && text[space - 1] !== " ") return space;
  return /[\uD800-\uDBFF]/.test(text[end - 1] ?? "") ? end - 1 : end;
}
