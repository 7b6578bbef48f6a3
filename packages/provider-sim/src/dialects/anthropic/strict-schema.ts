import { isArray, isObject } from "../../json-fields.ts";
import type { JsonObject } from "../../json-fields.ts";
import { refused } from "./errors.ts";

/** Keywords that structured outputs do not take, by the type that they bound. */
const UNSUPPORTED: readonly (readonly [string, string])[] = [
  ["minimum", "integer"],
  ["maximum", "integer"],
  ["exclusiveMinimum", "integer"],
  ["exclusiveMaximum", "integer"],
  ["multipleOf", "integer"],
  ["minLength", "string"],
  ["maxLength", "string"],
  ["maxItems", "array"],
  ["uniqueItems", "array"],
];

/**
 * A schema that answers are held to closes every object and bounds no numbers, strings or lists.
 * Source: https://platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations
 *
 * @throws SimError
 */
export function checkStrictSchema(schema: JsonObject, place: string): void {
  if (schema["type"] === "object" && schema["additionalProperties"] !== false) {
    throw refused("For 'object' type, 'additionalProperties' must be explicitly set to false", place);
  }
  for (const [keyword, type] of UNSUPPORTED) {
    if (schema[keyword] === undefined) continue;
    const said = typeof schema["type"] === "string" ? schema["type"] : type;
    throw refused(`For '${said}' type, property '${keyword}' is not supported`, place);
  }
  for (const part of partsOf(schema)) checkStrictSchema(part, place);
}

function partsOf(schema: JsonObject): JsonObject[] {
  const maps = [schema["properties"], schema["$defs"], schema["definitions"]].filter(isObject).flatMap((map) => Object.values(map));
  const lists = [schema["anyOf"], schema["allOf"]].filter(isArray).flat();
  return [...maps, ...lists, schema["items"]].filter(isObject);
}
