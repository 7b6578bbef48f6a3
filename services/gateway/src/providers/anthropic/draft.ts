import { fail } from "@alfred/errors";
import { isObject, parseJson } from "@alfred/openai";
import type { Json } from "../loose-json.ts";

/** A request on its way into Anthropic's form. */
export class Draft {
  readonly body: Json = {};
  /** What the provider cannot serve, by the client's names. */
  readonly unsupported: string[] = [];

  /** Notes that the provider has nothing for a field. */
  lacks(field: string): void {
    this.unsupported.push(field);
  }
}

/** What says nothing: OpenAI's clients send such fields for those left out. */
const BLANK = new Set(["null", "[]", "{}", '""']);

export function isBlank(raw: string): boolean {
  return BLANK.has(raw);
}

/** Parses a field of raw JSON. @throws AlfredError INVALID_ARGUMENT */
export function parseRaw(raw: string, field: string): unknown {
  try {
    return parseJson(raw);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // The cause quotes what was asked, which is never logged.
    throw invalid(field, "JSON");
  }
}

/** Parses fields of raw JSON that have no place of their own. @throws AlfredError INVALID_ARGUMENT */
export function parseExtra(extra: Readonly<Record<string, string>>, path: string): Json {
  const json: Json = {};
  for (const [name, raw] of Object.entries(extra)) if (!isBlank(raw)) json[name] = parseRaw(raw, `${path}.${name}`);
  return json;
}

/** Parses a field of raw JSON that is a list of objects; what else it holds is left out. @throws AlfredError INVALID_ARGUMENT */
export function parseObjects(raw: string | undefined, field: string): Json[] {
  const list = raw === undefined ? undefined : parseRaw(raw, field);
  return Array.isArray(list) ? (list as unknown[]).filter(isObject) : [];
}

/** A list of what there is. */
export function asList(block: Json | undefined): Json[] {
  return block === undefined ? [] : [block];
}

export function invalid(field: string, expected: string): Error {
  return fail("INVALID_ARGUMENT", `\`${field}\` must be ${expected}.`, { metadata: { field } });
}
