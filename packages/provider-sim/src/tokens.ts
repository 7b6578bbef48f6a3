/** How a character takes part in the token rule of `countSimTokens`. Numbers in a byte array: every prompt is scanned whole. */
const SPACE = 0;
const WORD = 1;
const MARK = 2;

const ASCII = 128;

const CLASSES = Uint8Array.from({ length: ASCII }, (_, code) => {
  if (code <= 32 || code === 127) return SPACE;
  return /\w/.test(String.fromCharCode(code)) ? WORD : MARK;
});

function classAt(text: string, index: number): number {
  const code = text.charCodeAt(index);
  return code < ASCII ? (CLASSES[code] ?? WORD) : WORD;
}

/** The index just past the token that starts, white space first, at `from`; `text.length` when there is none. */
function tokenEnd(text: string, from: number): number {
  let index = from;
  while (index < text.length && classAt(text, index) === SPACE) index += 1;
  if (index === text.length || classAt(text, index) === MARK) return Math.min(index + 1, text.length);
  while (index < text.length && classAt(text, index) === WORD) index += 1;
  return index;
}

/**
 * Counts tokens by the simulator's rule, which is made to be checked by hand:
 *
 * - a run of ASCII letters, digits, underscores and any non-ASCII characters is one token;
 * - every other visible ASCII character (a punctuation mark) is one token;
 * - white space and control characters count nothing.
 *
 * `Hello, world!` is four: `Hello` `,` ` world` `!`. A token is never shorter than one byte of UTF-8, so the
 * length in bytes bounds the count.
 */
export function countSimTokens(text: string): number {
  let count = 0;
  let previous = SPACE;
  for (let index = 0; index < text.length; index += 1) {
    const current = classAt(text, index);
    if (current === MARK || (current === WORD && previous !== WORD)) count += 1;
    previous = current;
  }
  return count;
}

/**
 * Splits a text into at most `limit` tokens by the rule of `countSimTokens`. White space goes with the token that
 * follows it, and what trails the last token goes with that one, so that an unlimited split joins to the text.
 * A text without any token gives an empty list.
 */
export function splitSimTokens(text: string, limit = Infinity): string[] {
  const pieces: string[] = [];
  let end = text.length;
  while (end > 0 && classAt(text, end - 1) === SPACE) end -= 1;
  let start = 0;
  while (start < end && pieces.length < limit) {
    const next = tokenEnd(text, start);
    pieces.push(text.slice(start, next === end ? text.length : next));
    start = next;
  }
  return pieces;
}
