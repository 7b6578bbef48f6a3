import { FieldMismatch, type Field } from "./field.ts";
import { isObject, parseJson } from "./json.ts";

/** What has no typed field: field name to raw JSON. */
export type Extra = Record<string, string>;

/** Every field of a message but `extra`; a new one in the contract must be named here to compile. */
type Fields<Message> = { [Name in Exclude<keyof Message, "extra">]-?: Field<NonNullable<Message[Name]>> };

interface Row {
  readonly property: string;
  readonly json: string;
  readonly field: Field<unknown>;
}

const EMPTY = new Set(["[]", "{}"]);

/**
 * The mapping of one message: names are the message's own in snake case.
 *
 * Reading strictly, a field of the wrong form throws `FieldMismatch`. Reading
 * leniently, as a provider's answer, it goes to `extra` like an unknown one, and
 * so always do an explicit null, an empty list and an empty object: what was
 * read is written back whole.
 */
export function object<Message extends { extra: Extra }>(
  message: { create(): Message },
  fields: Fields<Message>,
): Field<Message> {
  const rows = Object.entries<Field<unknown>>(fields as Record<string, Field<unknown>>).map(toRow);
  const byName = new Map(rows.map((row) => [row.json, row]));
  const blank = frozen(message.create());
  return {
    read(json, strict) {
      if (!isObject(json)) throw new FieldMismatch("an object");
      return readObject(json, byName, strict, { ...blank });
    },
    write: (value) => writeObject(value, rows),
  };
}

/** The lists and objects of a blank message are shared, so nobody may write to them. */
function frozen<Message extends object>(blank: Message): Message {
  for (const value of Object.values(blank)) if (typeof value === "object" && value !== null) Object.freeze(value);
  return blank;
}

function toRow([property, field]: [string, Field<unknown>]): Row {
  return { property, field, json: property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) };
}

function readObject<Message extends { extra: Extra }>(
  json: Record<string, unknown>,
  rows: ReadonlyMap<string, Row>,
  strict: boolean,
  message: Message,
): Message {
  let extra: Extra | undefined;
  for (const name of Object.keys(json)) {
    const value = json[name];
    const row = rows.get(name);
    if (row !== undefined && value === null && row.field.nullable) continue;
    if (row !== undefined && readField(row, value, strict, message)) continue;
    (extra ??= {})[name] = rawOf(value);
  }
  if (extra !== undefined) message.extra = extra;
  return message;
}

/** Whether the value found its typed field; what did not belongs in `extra`. */
function readField(row: Row, value: unknown, strict: boolean, message: object): boolean {
  if (value === null) return false;
  try {
    (message as Record<string, unknown>)[row.property] = row.field.read(value, strict);
    return true;
  } catch (error) {
    if (!(error instanceof FieldMismatch)) throw error;
    if (strict && !EMPTY.has(JSON.stringify(value))) throw error.under(row.json);
    return false;
  }
}

function writeObject(message: object, rows: readonly Row[]): Record<string, unknown> {
  const json: Record<string, unknown> = {};
  const values = message as Record<string, unknown>;
  for (const { property, json: name, field } of rows) {
    const value = values[property];
    if (value !== undefined && (field.keepEmpty || !isBlank(value))) json[name] = field.write(value);
    else if (field.nullable) json[name] = null;
  }
  writeExtra((message as { extra: Extra }).extra, json);
  return json;
}

/** An empty list or object was not sent: one that was sent is in `extra`. */
function isBlank(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return value.length === 0;
  for (const _ in value) return false;
  return true;
}

/** JSON as it stands in `extra`. */
export function rawOf(value: unknown): string {
  return value === null ? "null" : JSON.stringify(value);
}

/** Adds what has no field of its own. */
export function writeExtra(extra: Extra, json: Record<string, unknown>): void {
  for (const name in extra) {
    const raw = extra[name];
    // What is said in a typed field is not said again otherwise.
    if (raw !== undefined && (json[name] ?? null) === null) json[name] = raw === "null" ? null : parseJson(raw);
  }
}
