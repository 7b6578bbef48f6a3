import type { JsonObject } from "./json-fields.ts";

/** The fields of an object that its provider does not know, in the object's order. */
export function unknownFields(object: JsonObject, known: ReadonlySet<string>): string[] {
  return Object.keys(object).filter((name) => !known.has(name));
}
