import { isObject } from "@alfred/openai";
import type { Refusal } from "../dialect.ts";
import { listOf, objectOf, readLoosely, textOf } from "../loose-json.ts";
import { TOO_LONG_CODE } from "../refusal-codes.ts";

/** Google's error object, as far as it is there. */
interface GoogleError {
  readonly message: string;
  /** Its most exact name for what went wrong: a reason ("API_KEY_INVALID"), else the status ("INVALID_ARGUMENT"). */
  readonly code: string;
  readonly retryAfterMs?: number | undefined;
}

/** The requests that nobody else would take either. */
const REQUESTS_FAULT = new Set([400, 413]);
/** The room of a model is its own; another may have more. */
const TOO_LONG = /token count.* exceeds/i;

/**
 * A refusal. Google answers 400 to a key that it does not know and to an account that is not set up, which concern the
 * operator: they are told as 401 and 403.
 *
 * Source: https://ai.google.dev/gemini-api/docs/troubleshooting
 */
export function readRefusal(status: number, text: string): Refusal {
  const { message, code, retryAfterMs } = readGoogleError(readLoosely(text)) ?? { message: "", code: "" };
  const meant = code === "API_KEY_INVALID" ? 401 : code === "FAILED_PRECONDITION" ? 403 : status;
  const isTooLong = REQUESTS_FAULT.has(meant) && TOO_LONG.test(message);
  const isRequestsFault = REQUESTS_FAULT.has(meant) && !isTooLong;
  return { status: meant, message, code: isTooLong ? TOO_LONG_CODE : code, isRequestsFault, retryAfterMs };
}

/**
 * The error that an answer is; undefined where it is none. It may stand in a list, as one that ends a stream does.
 *
 * Source: https://google.aip.dev/193
 */
export function readGoogleError(json: unknown): GoogleError | undefined {
  const error = objectOf(Array.isArray(json) ? json[0] : json)["error"];
  if (!isObject(error)) return undefined;
  const details = listOf(error["details"]).map(objectOf);
  const [reason] = details.flatMap((detail) => textOf(detail["reason"]) ?? []);
  const [retryAfterMs] = details.flatMap((detail) => toMilliseconds(detail["retryDelay"]) ?? []);
  const code = reason ?? textOf(error["status"]) ?? "";
  return { message: textOf(error["message"]) ?? "", code, retryAfterMs };
}

/** A duration as Google writes it in JSON: "38.5s". */
function toMilliseconds(duration: unknown): number | undefined {
  const seconds = /^(\d{1,6}(?:\.\d+)?)s$/.exec(textOf(duration) ?? "")?.[1];
  return seconds === undefined ? undefined : Math.round(Number(seconds) * 1_000);
}
