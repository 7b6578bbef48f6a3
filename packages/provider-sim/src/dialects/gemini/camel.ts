import { isArray, isObject } from "../../json-fields.ts";
import type { JsonObject } from "../../json-fields.ts";

/** Fields whose value is a map or a value of the client's own: nothing below them is a field. */
const FREE = new Set(["args", "response", "responseJsonSchema", "parametersJsonSchema", "partMetadata", "default", "example", "enum"]);
/** Maps from the client's names to fields. */
const MAPS = new Set(["properties"]);

function toCamel(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** The name as Google's errors have it. */
export function toSnake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/**
 * A body in one spelling: JSON of protocol buffers takes names in both, and null for what is left out.
 * Source: https://protobuf.dev/programming-guides/json/
 */
export function camelCased(value: unknown): unknown {
  if (isArray(value)) return value.map(camelCased);
  return isObject(value) ? camelObject(value) : value;
}

function camelObject(object: JsonObject): JsonObject {
  const fields = Object.entries(object).filter(([, value]) => value !== null);
  return Object.fromEntries(fields.map(([name, value]): [string, unknown] => camelField(toCamel(name), value)));
}

function camelField(name: string, value: unknown): [string, unknown] {
  if (FREE.has(name)) return [name, value];
  if (!MAPS.has(name) || !isObject(value)) return [name, camelCased(value)];
  return [name, Object.fromEntries(Object.entries(value).map(([key, each]) => [key, camelCased(each)]))];
}
