import { isArray, isObject } from "../../json-fields.ts";
import type { JsonObject } from "../../json-fields.ts";

/** A schema in the words of JSON schema: Gemini's own names its types in capitals, and counts in strings. */
export function lowerTypes(schema: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(schema).map(([name, value]): [string, unknown] => [name, lowered(name, value)]));
}

function lowered(name: string, value: unknown): unknown {
  if (name === "type" && typeof value === "string") return value.toLowerCase();
  if (/^(min|max)/.test(name) && typeof value === "string") return Number(value);
  if (name === "items" && isObject(value)) return lowerTypes(value);
  if (name === "anyOf" && isArray(value)) return value.filter(isObject).map(lowerTypes);
  if (name !== "properties" || !isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, isObject(each) ? lowerTypes(each) : each]));
}
