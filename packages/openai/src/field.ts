import { isObject, parseJson, writeInteger } from "./json.ts";

/**
 * How one field goes from JSON to a message and back.
 *
 * `read` throws `FieldMismatch` where the JSON does not have the field's form.
 */
export interface Field<Value> {
  read(json: unknown, strict: boolean): Value;
  write(value: Value): unknown;
  /** Absent in a message and null in JSON mean the same, and null is written. */
  readonly nullable?: true;
  /** An empty list is written as such; elsewhere one that was sent is in `extra`. */
  readonly keepEmpty?: true;
}

/** A field that does not have the form it should; `path` says where. */
export class FieldMismatch extends Error {
  readonly expected: string;
  path = "";

  constructor(expected: string) {
    super(expected);
    this.expected = expected;
  }

  /** The same mismatch, seen from the object or list around it. */
  under(step: string): this {
    const joint = this.path === "" || this.path.startsWith("[") ? "" : ".";
    this.path = step + joint + this.path;
    return this;
  }
}

/** The value, where the test holds. */
function scalar<Value>(expected: string, test: (json: unknown) => json is Value): Field<Value> {
  return {
    read(json) {
      if (test(json)) return json;
      throw new FieldMismatch(expected);
    },
    write: (value) => value,
  };
}

const MAX_INT32 = 2 ** 31 - 1;

export const text = scalar("a string", (json): json is string => typeof json === "string");
export const flag = scalar("true or false", (json): json is boolean => typeof json === "boolean");
export const decimal = scalar("a number", (json): json is number => typeof json === "number");
export const integer = scalar(
  "an integer",
  (json): json is number => Number.isInteger(json) && Math.abs(json as number) <= MAX_INT32,
);

/** Characters of the longest 64-bit integer; reading longer ones costs more than their length. */
const MAX_DIGITS = 20;

/** A 64-bit integer. */
export const bigInteger: Field<bigint> = {
  read(json) {
    if (Number.isSafeInteger(json)) return BigInt(json as number);
    const value = JSON.isRawJSON(json) && json.rawJSON.length <= MAX_DIGITS ? BigInt(json.rawJSON) : undefined;
    if (value !== undefined && BigInt.asIntN(64, value) === value) return value;
    throw new FieldMismatch("an integer of 64 bits");
  },
  write: writeInteger,
};

/** Any JSON, kept as its text. */
export const rawJson: Field<string> = {
  read: (json) => JSON.stringify(json),
  write: parseJson,
};

/** The same field, absent where JSON says null. */
export function nullable<Value>(field: Field<Value>): Field<Value> {
  return { ...field, nullable: true };
}

/** A list; an empty one is not read, so that it is told apart from none. */
export function list<Value>(item: Field<Value>): Field<Value[]> {
  return {
    read(json, strict) {
      if (!Array.isArray(json) || json.length === 0) throw new FieldMismatch("a list");
      return readItems(json, item, strict);
    },
    write: (values) => values.map((value) => item.write(value)),
  };
}

/** A list that is written even when it is empty, and read so. */
export function fullList<Value>(item: Field<Value>, expected = "a list"): Field<Value[]> {
  return {
    read(json, strict) {
      if (!Array.isArray(json)) throw new FieldMismatch(expected);
      return readItems(json, item, strict);
    },
    write: (values) => values.map((value) => item.write(value)),
    keepEmpty: true,
  };
}

/** Reads each item of a list, saying which one is wrong. */
export function readItems<Value>(json: unknown[], item: Field<Value>, strict: boolean): Value[] {
  return json.map((entry, index) => readUnder(`[${index}]`, entry, item, strict));
}

function readUnder<Value>(step: string, json: unknown, item: Field<Value>, strict: boolean): Value {
  try {
    return item.read(json, strict);
  } catch (error) {
    throw error instanceof FieldMismatch ? error.under(step) : error;
  }
}

/** An object whose names are free; an empty one is not read, as with `list`. */
export function dictionary<Value>(item: Field<Value>): Field<Record<string, Value>> {
  return {
    read(json, strict) {
      if (!isObject(json) || Object.keys(json).length === 0) throw new FieldMismatch("an object");
      return Object.fromEntries(Object.entries(json).map(([name, entry]) => [name, readUnder(name, entry, item, strict)]));
    },
    write: (values) => values,
  };
}
