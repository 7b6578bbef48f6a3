/** Prefixed UUIDv7 identifiers: `org_0198c5a4-…`. They sort by the time at which they were made. */
import { randomUUIDv7 } from "node:crypto";

const uuidV7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** An identifier of one kind of object. */
export type Id<Prefix extends string> = `${Prefix}_${string}`;

/** A new identifier: the prefix, an underscore and a UUIDv7 in small letters. */
export function newId<Prefix extends string>(prefix: Prefix): Id<Prefix> {
  return `${prefix}_${randomUUIDv7()}`;
}

/** Whether `text` is an identifier that `newId(prefix)` could have made. */
export function isId<Prefix extends string>(prefix: Prefix, text: string): text is Id<Prefix> {
  return text.startsWith(`${prefix}_`) && uuidV7.test(text.slice(prefix.length + 1));
}
