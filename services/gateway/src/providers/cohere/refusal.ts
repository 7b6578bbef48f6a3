import type { Refusal } from "../dialect.ts";
import { objectOf, readLoosely, textOf } from "../loose-json.ts";
import { FILTERED_CODE, TOO_LONG_CODE } from "../refusal-codes.ts";

/** The requests that nobody else would take either; 498 is one that says what Cohere lets nobody say. */
const FILTERED = 498;
const REQUESTS_FAULT = new Set([400, 413, 422, FILTERED]);
/** The room of a model is its own; another may have more. */
const TOO_LONG = /^too many tokens/i;

/** A refusal. Source: https://docs.cohere.com/reference/errors */
export function readRefusal(status: number, text: string): Refusal {
  const error = objectOf(readLoosely(text));
  const message = textOf(error["message"]) ?? "";
  const isTooLong = REQUESTS_FAULT.has(status) && TOO_LONG.test(message);
  const code = isTooLong ? TOO_LONG_CODE : status === FILTERED ? FILTERED_CODE : (textOf(error["code"]) ?? "");
  return { status, message, code, isRequestsFault: REQUESTS_FAULT.has(status) && !isTooLong };
}
