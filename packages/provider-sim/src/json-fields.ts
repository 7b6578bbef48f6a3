import { invalidRequest } from "./sim-error.ts";

/** A parsed JSON object whose fields have not been looked at yet. */
export type JsonObject = { readonly [name: string]: unknown };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `Array.isArray`, but the items stay unknown. */
export function isArray(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

/** Parses a request body; anything but a JSON object is a 400. */
export function parseBody(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalidRequest(`The body of your request is not valid JSON: ${error instanceof Error ? error.message : "unreadable"}.`);
  }
  if (!isObject(value)) throw invalidRequest("The body of your request must be a JSON object.");
  return value;
}

/** The 400 for a value of the wrong kind. */
export function invalidType(param: string, expected: string): Error {
  return invalidRequest(`Invalid type for '${param}': expected ${expected}.`, param, "invalid_type");
}

/** The 400 for a value of the right kind that is not allowed. */
export function invalidValue(param: string, expected: string): Error {
  return invalidRequest(`Invalid value for '${param}': expected ${expected}.`, param, "invalid_value");
}

/** The 400 for a field that has to be there. */
export function missing(param: string): Error {
  return invalidRequest(`Missing required parameter: '${param}'.`, param, "missing_required_parameter");
}

/** A required string that is not empty. */
export function requiredString(object: JsonObject, name: string, param = name): string {
  const value = object[name];
  if (value === undefined || value === null || value === "") throw missing(param);
  if (typeof value !== "string") throw invalidType(param, "a string");
  return value;
}

/** A number within bounds; absent or null gives `undefined`, as for every optional field. */
export function optionalNumber(object: JsonObject, name: string, least: number, most: number): number | undefined {
  const value = object[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number") throw invalidType(name, "a number");
  if (value < least || value > most) throw invalidValue(name, `a number from ${least} to ${most}`);
  return value;
}

export function optionalWhole(object: JsonObject, name: string, least: number, most: number): number | undefined {
  const value = optionalNumber(object, name, least, most);
  if (value !== undefined && !Number.isInteger(value)) throw invalidType(name, "an integer");
  return value;
}

export function optionalFlag(object: JsonObject, name: string, param = name): boolean | undefined {
  const value = object[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "boolean") throw invalidType(param, "a boolean");
  return value;
}

export function optionalObject(object: JsonObject, name: string, param = name): JsonObject | undefined {
  const value = object[name];
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw invalidType(param, "an object");
  return value;
}

export function optionalArray(object: JsonObject, name: string): readonly unknown[] | undefined {
  const value = object[name];
  if (value === undefined || value === null) return undefined;
  if (!isArray(value)) throw invalidType(name, "an array");
  return value;
}
