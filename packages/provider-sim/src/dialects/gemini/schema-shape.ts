import { anything, flag, list, number, object, oneOf, openObject, text, whole } from "../../shape.ts";
import type { Shape } from "../../shape.ts";

const TYPES = ["STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL", "TYPE_UNSPECIFIED"];

const TYPE = oneOf(...TYPES, ...TYPES.map((type) => type.toLowerCase()));

/** A count of 64 bits: a number or a string of digits. */
const COUNT: Shape = (value, path, words) => (typeof value === "string" ? text({ pattern: /^\d+$/ }) : whole(0))(value, path, words);

const PROPERTIES: Shape = (value, path, words) => {
  openObject(value, path, words);
  for (const [name, schema] of Object.entries(value as object)) SCHEMA(schema, [...path, name], words);
};

/** Schemas hold schemas, so that the shape is looked up when it is used. */
const NESTED: Shape = (value, path, words) => SCHEMA(value, path, words);

/** The subset of OpenAPI's schema that Gemini takes. Source: https://ai.google.dev/api/caching#Schema */
export const SCHEMA: Shape = object(
  {},
  {
    type: TYPE,
    format: text(),
    title: text(),
    description: text(),
    nullable: flag,
    enum: list(text()),
    maxItems: COUNT,
    minItems: COUNT,
    properties: PROPERTIES,
    required: list(text()),
    minProperties: COUNT,
    maxProperties: COUNT,
    minLength: COUNT,
    maxLength: COUNT,
    pattern: text(),
    example: anything,
    anyOf: list(NESTED),
    propertyOrdering: list(text()),
    default: anything,
    items: NESTED,
    minimum: number(),
    maximum: number(),
  },
);
