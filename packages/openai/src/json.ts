// TypeScript's library does not know these two parts of ECMAScript's "JSON.parse source text access" yet.
declare global {
  interface JSON {
    isRawJSON(value: unknown): value is { readonly rawJSON: string };
    parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
  }
}

/** An integer of so many digits may be past what a double holds. */
const LARGE_DIGITS = 16;
const LARGE_INTEGER = /(?<![.\d])\d{16,}(?![.\d])/;

/**
 * Parses JSON without losing large integers: one that a double cannot hold
 * comes back as `JSON.rawJSON`, which `JSON.stringify` writes as it was.
 *
 * @throws SyntaxError where the text is not JSON
 */
export function parseJson(text: string): unknown {
  return hasLongRun(text) && LARGE_INTEGER.test(text) ? JSON.parse(text, keepLargeIntegers) : JSON.parse(text);
}

/** Whether there are as many digits in a row. Any such row has a digit among every sixteenth character, so that only those are looked at. */
function hasLongRun(text: string): boolean {
  for (let at = LARGE_DIGITS - 1; at < text.length; at += LARGE_DIGITS) {
    if (!isDigit(text, at)) continue;
    let [first, end] = [at, at];
    while (isDigit(text, first - 1)) first -= 1;
    while (isDigit(text, end)) end += 1;
    if (end - first >= LARGE_DIGITS) return true;
  }
  return false;
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}

function keepLargeIntegers(_key: string, value: unknown, context: { source?: string }): unknown {
  const { source } = context;
  if (typeof value !== "number" || source === undefined) return value;
  return /^-?\d+$/.test(source) && !Number.isSafeInteger(value) ? JSON.rawJSON(source) : value;
}

/** A JSON object, and neither null, an array nor a large integer. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);
}

/** An integer as JSON holds it: a number while that is exact. */
export function writeInteger(value: bigint): unknown {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : JSON.rawJSON(value.toString());
}
