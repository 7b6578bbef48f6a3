import type { Refusal } from "../dialect.ts";
import { objectOf, readLoosely, textOf } from "../loose-json.ts";

/** The requests that nobody else would take either; 498 is one that says what Cohere lets nobody say. */
const REQUESTS_FAULT = new Set([400, 413, 422, 498]);
/** The room of a model is its own; another may have more. */
const TOO_LONG = /^too many tokens/i;

/** A refusal. Source: https://docs.cohere.com/reference/errors */
export function readRefusal(status: number, text: string): Refusal {
  const error = objectOf(readLoosely(text));
  const message = textOf(error["message"]) ?? "";
  const isRequestsFault = REQUESTS_FAULT.has(status) && !TOO_LONG.test(message);
  return { status, message, code: textOf(error["code"]) ?? "", isRequestsFault };
}
