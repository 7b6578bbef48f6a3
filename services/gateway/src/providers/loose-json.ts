import { fail } from "@alfred/errors";
import { FieldMismatch, isObject, parseJson } from "@alfred/openai";

/** A JSON object whose fields are not known to be of any form yet. */
export type Json = Record<string, unknown>;

/** The object, or an empty one: for what a provider may leave out. */
export function objectOf(json: unknown): Json {
  return isObject(json) ? json : {};
}

/** The list, or an empty one. */
export function listOf(json: unknown): unknown[] {
  return Array.isArray(json) ? json : [];
}

/** The string, undefined for anything else. */
export function textOf(json: unknown): string | undefined {
  return typeof json === "string" ? json : undefined;
}

/** A count that is not negative, undefined for anything else. */
export function countOf(json: unknown): bigint | undefined {
  const isCount = typeof json === "number" && Number.isSafeInteger(json) && json >= 0;
  return isCount ? BigInt(json) : undefined;
}

/** @throws FieldMismatch where it is no object */
export function requireObject(json: unknown): Json {
  if (!isObject(json)) throw new FieldMismatch("an object");
  return json;
}

/** What is not in `known`, as raw JSON: so nothing that a provider says is lost. */
export function unknownFields(json: Json, known: ReadonlySet<string>): Record<string, string> {
  const extra: Record<string, string> = {};
  for (const [name, value] of Object.entries(json)) {
    if (!known.has(name) && value !== undefined && value !== null) extra[name] = JSON.stringify(value);
  }
  return extra;
}

/** `extra` of a message without content, which OpenAI says as null. */
export const NO_CONTENT: Readonly<Record<string, string>> = { content: "null" };

const EMPTY = new Set(["null", "[]", "{}"]);

/** The fields of `extra` that say something, parsed. @throws AlfredError INVALID_ARGUMENT */
export function sentFields(extra: Readonly<Record<string, string>>): Json {
  const sent = Object.entries(extra).filter(([, raw]) => !EMPTY.has(raw));
  return Object.fromEntries(sent.map(([name, raw]) => [name, parseRaw(raw, name)]));
}

/** Parses raw JSON that a client sent as `field`. @throws AlfredError INVALID_ARGUMENT */
export function parseRaw(raw: string, field: string): unknown {
  try {
    return parseJson(raw);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // Without the cause, which quotes what was sent.
    throw fail("INVALID_ARGUMENT", `\`${field}\` must be JSON.`, { metadata: { field } });
  }
}

/** The JSON that a refusal is, undefined where it is none: a page that something in between sent. */
export function readLoosely(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The fields without those that are undefined. */
export function defined(fields: Json): Json {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
