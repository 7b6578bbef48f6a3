import { type AlfredError, fail } from "@alfred/errors";
import { type Field, FieldMismatch } from "./field.ts";
import { isObject } from "./json.ts";
import type { Extra } from "./object.ts";

/** Reads a client's JSON. @throws AlfredError INVALID_ARGUMENT that names the field, MALFORMED_BODY */
export function readStrictly<Message>(json: unknown, field: Field<Message>): Message {
  if (!isObject(json)) {
    throw fail("MALFORMED_BODY", "The body must be a JSON object.");
  }
  try {
    return field.read(json, true);
  } catch (error) {
    throw error instanceof FieldMismatch ? invalidField(error.path, error.expected) : error;
  }
}

/** The request without `stream`, which is the choice of the RPC, and what it chose. @throws AlfredError INVALID_ARGUMENT */
export function withoutStream<Request extends { extra: Extra }>(request: Request): Request & { stream: boolean } {
  const { stream, ...extra } = request.extra;
  if (stream !== undefined && !["true", "false", "null"].includes(stream)) throw invalidField("stream", "true or false");
  return { ...request, extra, stream: stream === "true" };
}

/** A field that does not have the form it should. */
export function invalidField(field: string, expected: string): AlfredError {
  return fail("INVALID_ARGUMENT", `\`${field}\` must be ${expected}.`, {
    metadata: { field },
  });
}

const MAX_NAME = 256;

/** @throws AlfredError INVALID_ARGUMENT where it is empty or longer than 256 characters */
export function requireName(value: string, field: string): void {
  if (value === "" || value.length > MAX_NAME) throw invalidField(field, `a string of 1 to ${MAX_NAME} characters`);
}

/** @throws AlfredError INVALID_ARGUMENT where it is below 1, or above `most` */
export function requireRange(value: number | undefined, field: string, most?: number): void {
  if (value === undefined || (value >= 1 && value <= (most ?? value))) return;
  throw invalidField(field, most === undefined ? "an integer of at least 1" : `an integer from 1 to ${most}`);
}
