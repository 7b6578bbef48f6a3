import { fail } from "@alfred/errors";
import { isObject } from "@alfred/openai";
import { type Json, parseRaw } from "../loose-json.ts";

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
