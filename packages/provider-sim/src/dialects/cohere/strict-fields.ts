import { isObject } from "../../json-fields.ts";
import type { JsonObject } from "../../json-fields.ts";
import { invalidRequest, SimError } from "../../sim-error.ts";
import { unknownFields } from "../../unknown-fields.ts";

/** The page of the reference that a refusal points to. */
export type ReferencePage = "chat" | "embed";

/** A 400 in Cohere's words. Source: https://docs.cohere.com/reference/errors */
export function refused(message: string): SimError {
  return invalidRequest(`invalid request: ${message}`);
}

/** An object all of whose fields Cohere knows. @throws SimError 422 for the first that it does not, 400 for another kind of value */
export function knownObject(value: unknown, known: ReadonlySet<string>, path: string, page: ReferencePage = "chat"): JsonObject {
  if (!isObject(value)) throw refused(`${path} must be an object.`);
  requireKnown(value, known, page);
  return value;
}

/** @throws SimError 422 for the first field that Cohere does not know */
export function requireKnown(object: JsonObject, known: ReadonlySet<string>, page: ReferencePage = "chat"): void {
  const [name] = unknownFields(object, known);
  if (name === undefined) return;
  const message = `unknown field: parameter '${name}' is not a valid field. For proper usage, please refer to https://docs.cohere.com/reference/${page}`;
  throw new SimError(422, "request", { message, param: name });
}

/** A text that has to be there and not be empty. */
export function requiredText(object: JsonObject, name: string): string {
  const value = object[name];
  if (typeof value === "string" && value !== "") return value;
  throw refused(`a ${name} is required.`);
}

/** A list; empty where there is none. */
export function optionalList(object: JsonObject, name: string, most = Infinity): readonly unknown[] {
  const value = object[name];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw refused(`${name} must be a list.`);
  if (value.length > most) throw refused(`${name} takes at most ${most} items.`);
  return value;
}

/** A number within its bounds, which are part of it. */
export function numberWithin(object: JsonObject, name: string, least: number, most: number): number | undefined {
  const value = object[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number" && value >= least && value <= most) return value;
  throw refused(`${name} must be between ${least} and ${most} inclusive.`);
}

/** One of a set of words. */
export function oneOf<T extends string>(object: JsonObject, name: string, words: readonly T[]): T | undefined {
  const value = object[name];
  if (value === undefined || value === null) return undefined;
  const word = words.find((each) => each === value);
  if (word === undefined) throw refused(`${name} must be one of ${words.join(", ")}.`);
  return word;
}
