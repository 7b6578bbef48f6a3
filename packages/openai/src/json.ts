// TypeScript's library does not know these two parts of ECMAScript's "JSON.parse source text access" yet.
declare global {
  interface JSON {
    isRawJSON(value: unknown): value is { readonly rawJSON: string };
    parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
  }
}

/** A bare integer of sixteen digits or more may be past what a double holds. */
const LARGE_INTEGER = /(?<![.\d])\d{16,}(?![.\d])/;

/**
 * Parses JSON without losing large integers: one that a double cannot hold
 * comes back as `JSON.rawJSON`, which `JSON.stringify` writes as it was.
 *
 * @throws SyntaxError where the text is not JSON
 */
export function parseJson(text: string): unknown {
  return LARGE_INTEGER.test(text) ? JSON.parse(text, keepLargeIntegers) : JSON.parse(text);
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
