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

/** What is not in `known`, as raw JSON, nulls included: so nothing that a provider says is lost. */
export function unknownFields(json: Json, known: ReadonlySet<string>): Record<string, string> {
  const extra: Record<string, string> = {};
  for (const [name, value] of Object.entries(json)) {
    if (!known.has(name) && value !== undefined) extra[name] = JSON.stringify(value);
  }
  return extra;
}

/** `extra` of a message without content, which OpenAI says as null. */
export const NO_CONTENT: Readonly<Record<string, string>> = { content: "null" };

/** What says nothing: clients write it for fields that they leave out. */
const BLANK = new Set(["null", "[]", "{}", '""']);

export function isBlank(raw: string): boolean {
  return BLANK.has(raw);
}

/** A name in JSON as the contract's messages spell it: "top_p" is "topP". */
export function toCamel(name: string): string {
  return name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** The names in JSON of what a message of the contract has a field for. */
export function typedNames(message: { create(): object }): ReadonlySet<string> {
  const names = Object.keys(message.create()).filter((name) => name !== "extra");
  return new Set(names.map((name) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)));
}

/**
 * What a client sent beside the fields that are known, parsed, for a provider whose own it may be: nulls and empty ones too,
 * since they may say something there. A known field stands in `extra` only where it says nothing.
 *
 * @throws AlfredError INVALID_ARGUMENT
 */
export function besideFields(extra: Readonly<Record<string, string>>, known: ReadonlySet<string>, path = ""): Json {
  const fields: Json = {};
  for (const [name, raw] of Object.entries(extra)) {
    if (!known.has(name) || !isBlank(raw)) fields[name] = parseRaw(raw, path === "" ? name : `${path}.${name}`);
  }
  return fields;
}

/** The fields of `extra` that say something, parsed. @throws AlfredError INVALID_ARGUMENT */
export function sentFields(extra: Readonly<Record<string, string>>): Json {
  const sent = Object.entries(extra).filter(([, raw]) => !isBlank(raw));
  return Object.fromEntries(sent.map(([name, raw]) => [name, parseRaw(raw, name)]));
}

/**
 * The arguments of a call that a client sends back, for a provider that takes an object and nothing else. None are an
 * empty one; what a model wrote that is no object the client has seen as it was, and it is the client's to mend.
 *
 * @param path the call as the client names it, as "messages[2].tool_calls[0]"
 * @throws AlfredError INVALID_ARGUMENT
 */
export function toArguments(text: string | undefined, path: string): Json {
  if (text === undefined || text.trim() === "") return {};
  const field = `${path}.function.arguments`;
  const json = readLoosely(text);
  if (isObject(json)) return json;
  throw fail("INVALID_ARGUMENT", `\`${field}\` must be a JSON object in text: this provider takes no other arguments.`, {
    hint: "Send the call with arguments that are an object, or leave it and its result out.",
    metadata: { field },
  });
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

/** The JSON that a text is, undefined where it is none. */
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
