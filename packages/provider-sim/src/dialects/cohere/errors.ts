import type { ErrorReply, Frame, Stamp } from "../../dialect.ts";
import type { SimError } from "../../sim-error.ts";
import { answerId } from "./chat-answer.ts";

/** What is said of a status where nothing else is. Source: https://docs.cohere.com/reference/errors */
const STATUS_TEXTS: Readonly<Record<number, string>> = {
  400: "invalid request: refused on demand.",
  401: "invalid api token",
  402: "a payment method is missing; add one at https://dashboard.cohere.com/billing",
  403: "this key may not do that.",
  404: "model not found, make sure that it exists and that you have access to it.",
  413: "the request is too large.",
  422: "unprocessable entity: refused on demand.",
  429: "too many requests: the limit of calls per minute of this key is reached.",
  498: "the request was blocked.",
  499: "the request was cancelled.",
  500: "internal server error",
  501: "not implemented",
  503: "the model is overloaded, please try again later.",
  504: "the model took too long.",
};

function words({ status, kind, message }: SimError): string {
  const own = kind === "model" ? "" : message;
  return own || (STATUS_TEXTS[status] ?? STATUS_TEXTS[status >= 500 ? 500 : 400] ?? "");
}

/** An error as Cohere writes it: an id and a message, no code. */
export function writeError(error: SimError, stamp: Stamp): ErrorReply {
  const headers: Record<string, string> = error.retryAfterS === undefined ? {} : { "Retry-After": String(error.retryAfterS) };
  return { json: JSON.stringify({ id: answerId(stamp), message: words(error) }), headers };
}

/** A stream that fails ends as any, but for the reason. */
export function errorFrame(error: SimError): Frame {
  const delta = { finish_reason: "ERROR", error: words(error) };
  return { event: "message-end", data: JSON.stringify({ type: "message-end", delta }) };
}
