import { isArray, isObject } from "./json-fields.ts";
import type { JsonObject } from "./json-fields.ts";

/** Where in a body a value stands: names of fields and indices of lists. */
export type Path = readonly (string | number)[];

/** The provider's words for what can be wrong with a value. */
export interface ShapeWords {
  missing(path: Path): Error;
  /** @param path of the object; `name` is the field that it does not have */
  unknown(path: Path, name: string): Error;
  /** @param expected the kind, as "string" or "object" */
  wrongType(path: Path, expected: Kind, value: unknown): Error;
  /** @param expected what is wanted of a value of the right kind, as "at least 1" */
  wrongValue(path: Path, expected: string, value: unknown): Error;
  /** @param allowed the words that a tag or an enumeration may have */
  notOneOf(path: Path, allowed: readonly string[], value: unknown): Error;
}

export type Kind = "string" | "number" | "integer" | "boolean" | "array" | "object";

/** What a value has to look like; throws in the given words where it does not. */
export type Shape = (value: unknown, path: Path, words: ShapeWords) => void;

export const anything: Shape = () => undefined;

/** A string of at least `least` and at most `most` characters that matches the pattern. */
export function text({ least = 0, most = Infinity, pattern }: { least?: number; most?: number; pattern?: RegExp } = {}): Shape {
  return (value, path, words) => {
    if (typeof value !== "string") throw words.wrongType(path, "string", value);
    if (value.length < least) throw words.wrongValue(path, `at least ${least} character${least === 1 ? "" : "s"}`, value);
    if (value.length > most) throw words.wrongValue(path, `at most ${most} characters`, value);
    if (pattern?.test(value) === false) throw words.wrongValue(path, `a match of '${pattern.source}'`, value);
  };
}

export const flag: Shape = (value, path, words) => {
  if (typeof value !== "boolean") throw words.wrongType(path, "boolean", value);
};

export function number(least = -Infinity, most = Infinity): Shape {
  return (value, path, words) => {
    if (typeof value !== "number") throw words.wrongType(path, "number", value);
    checkBounds(value, least, most, path, words);
  };
}

export function whole(least = -Infinity, most = Infinity): Shape {
  return (value, path, words) => {
    if (typeof value !== "number" || !Number.isInteger(value)) throw words.wrongType(path, "integer", value);
    checkBounds(value, least, most, path, words);
  };
}

function checkBounds(value: number, least: number, most: number, path: Path, words: ShapeWords): void {
  if (value < least) throw words.wrongValue(path, `greater than or equal to ${least}`, value);
  if (value > most) throw words.wrongValue(path, `less than or equal to ${most}`, value);
}

export function oneOf(...allowed: readonly string[]): Shape {
  return (value, path, words) => {
    if (typeof value !== "string" || !allowed.includes(value)) throw words.notOneOf(path, allowed, value);
  };
}

export function nullable(shape: Shape): Shape {
  return (value, path, words) => {
    if (value !== null) shape(value, path, words);
  };
}

export function list(item: Shape, most = Infinity): Shape {
  return (value, path, words) => {
    if (!isArray(value)) throw words.wrongType(path, "array", value);
    if (value.length > most) throw words.wrongValue(path, `at most ${most} items`, value);
    for (const [index, each] of value.entries()) item(each, [...path, index], words);
  };
}

/** A string where it is one, else what `other` says. */
export function textOr(other: Shape): Shape {
  return (value, path, words) => {
    if (typeof value !== "string") other(value, path, words);
  };
}

type Fields = Readonly<Record<string, Shape>>;

/** An object with these fields and no others. */
export function object(required: Fields, optional: Fields = {}): Shape {
  const known = new Map(Object.entries({ ...optional, ...required }));
  const needed = Object.keys(required);
  return (value, path, words) => {
    if (!isObject(value)) throw words.wrongType(path, "object", value);
    for (const name of needed) if (value[name] === undefined) throw words.missing([...path, name]);
    for (const [name, field] of Object.entries(value)) {
      const shape = known.get(name);
      if (shape === undefined) throw words.unknown(path, name);
      shape(field, [...path, name], words);
    }
  };
}

/** An object of any fields. */
export const openObject: Shape = (value, path, words) => {
  if (!isObject(value)) throw words.wrongType(path, "object", value);
};

/** An object whose field `tag` says which of the shapes it has. Its tag stands in the paths below it where `inPath` says so. */
export function tagged(tag: string, shapes: Fields, { usual, inPath = false }: { usual?: string; inPath?: boolean } = {}): Shape {
  return (value, path, words) => {
    if (!isObject(value)) throw words.wrongType(path, "object", value);
    const kind = tagOf(value, tag) ?? usual;
    if (kind === undefined) throw words.missing([...path, tag]);
    const shape = shapes[kind];
    if (shape === undefined) throw words.notOneOf([...path, tag], Object.keys(shapes), kind);
    shape(value, inPath ? [...path, kind] : path, words);
  };
}

function tagOf(value: JsonObject, tag: string): string | undefined {
  const kind = value[tag];
  if (kind === undefined || kind === null) return undefined;
  return typeof kind === "string" ? kind : JSON.stringify(kind);
}
