/** How a UTF-16 code unit takes part in the token rule of `countSimTokens`. */
type CharacterClass = "space" | "word" | "mark";

const CLASSES: readonly CharacterClass[] = Array.from({ length: 128 }, (_, code) => {
  if (code <= 32 || code === 127) return "space";
  return /\w/.test(String.fromCharCode(code)) ? "word" : "mark";
});

function classAt(text: string, index: number): CharacterClass {
  return CLASSES[text.charCodeAt(index)] ?? "word";
}

/** The index just past the token that starts, white space first, at `from`; `text.length` when there is none. */
function tokenEnd(text: string, from: number): number {
  let index = from;
  while (index < text.length && classAt(text, index) === "space") index += 1;
  if (index === text.length || classAt(text, index) === "mark") return Math.min(index + 1, text.length);
  while (index < text.length && classAt(text, index) === "word") index += 1;
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
  let previous: CharacterClass = "space";
  for (let index = 0; index < text.length; index += 1) {
    const current = classAt(text, index);
    if (current === "mark" || (current === "word" && previous !== "word")) count += 1;
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
  while (end > 0 && classAt(text, end - 1) === "space") end -= 1;
  let start = 0;
  while (start < end && pieces.length < limit) {
    const next = tokenEnd(text, start);
    pieces.push(text.slice(start, next === end ? text.length : next));
    start = next;
  }
  return pieces;
}
