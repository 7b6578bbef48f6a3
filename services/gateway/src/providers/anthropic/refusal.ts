import { isObject } from "@alfred/openai";
import type { Refusal } from "../dialect.ts";
import { objectOf, readLoosely } from "../loose-json.ts";
import { FILTERED_CODE, TOO_LONG_CODE } from "../refusal-codes.ts";
import { textOrEmpty } from "./answer.ts";

/** Statuses that say that the request is wrong, whoever gets it. A model that is not found may be found elsewhere. */
const FAULTY = new Set([400, 413, 422]);

/** What the provider calls a lack of money in the operator's account, which it tells as a fault of the request too. */
const BILLING = "billing_error";
const NO_MONEY = /credit balance|usage limits?\b|spend(?:ing)? limit/i;
/** The room of a model is its own; another may have more. */
const TOO_LONG = /prompt is too long|exceed[a-z]* context/i;
const FILTERED = /content filtering policy/i;

/**
 * Reads a refusal: `{"type":"error","error":{"type","message"}}`. An empty account is told by the code "billing_error",
 * however the provider tells it.
 *
 * Source: https://platform.claude.com/docs/en/api/errors
 */
export function readRefusal(status: number, text: string): Refusal {
  const { type, message, details, code } = objectOf(objectOf(readLoosely(text))["error"]);
  const said = textOrEmpty(message);
  const isUnpaid = status === 402 || (status === 400 && NO_MONEY.test(said));
  const isTooLong = FAULTY.has(status) && TOO_LONG.test(said);
  const known = isUnpaid ? BILLING : isTooLong ? TOO_LONG_CODE : status === 400 && FILTERED.test(said) ? FILTERED_CODE : "";
  const isRequestsFault = FAULTY.has(status) && !isUnpaid && !isTooLong;
  return { status, message: said, code: known || codeOf(details) || textOrEmpty(type) || textOrEmpty(code), isRequestsFault };
}

/** A finer code than the type, as of a limit that the operator set. */
function codeOf(details: unknown): string {
  return isObject(details) ? textOrEmpty(details["error_code"]) : "";
}
