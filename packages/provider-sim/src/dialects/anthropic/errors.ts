import type { ErrorReply, Frame, Stamp } from "../../dialect.ts";
import { SimError } from "../../sim-error.ts";

interface Usual {
  readonly type: string;
  readonly message: string;
}

/** Source: https://platform.claude.com/docs/en/api/errors */
const BY_STATUS: Readonly<Record<number, Usual>> = {
  400: { type: "invalid_request_error", message: "The request was refused on demand." },
  401: { type: "authentication_error", message: "invalid x-api-key" },
  402: { type: "billing_error", message: "Your account has no means to pay for this request." },
  403: { type: "permission_error", message: "Your API key may not use this resource." },
  404: { type: "not_found_error", message: "Not found" },
  409: { type: "conflict_error", message: "The request conflicts with the state of a resource." },
  413: { type: "request_too_large", message: "Request exceeds the maximum size" },
  429: { type: "rate_limit_error", message: "This request would exceed the rate limit of your organization." },
  500: { type: "api_error", message: "Internal server error" },
  504: { type: "timeout_error", message: "The request timed out." },
  529: { type: "overloaded_error", message: "Overloaded" },
};

const SERVER_ERROR: Usual = { type: "api_error", message: "Internal server error" };
const REQUEST_ERROR: Usual = { type: "invalid_request_error", message: "The request was refused on demand." };

const TYPES: ReadonlySet<string> = new Set(Object.values(BY_STATUS).map(({ type }) => type));

/** A code that is one of Anthropic's types takes the place of the usual one; any other stands in `details`. */
function errorObject({ status, kind, message, code }: SimError): object {
  const usual = BY_STATUS[status] ?? (status >= 500 ? SERVER_ERROR : REQUEST_ERROR);
  const said = kind === "rate" || kind === "concurrency" ? usual.message : message || usual.message;
  if (kind !== "demanded" || code === null) return { type: usual.type, message: said };
  return TYPES.has(code) ? { type: code, message: said } : { type: usual.type, message: said, details: { error_code: code } };
}

function errorJson(error: SimError, { sequence }: Stamp): string {
  return JSON.stringify({ type: "error", error: errorObject(error), request_id: `req_sim_${sequence}` });
}

export function writeError(error: SimError, stamp: Stamp): ErrorReply {
  const headers: Record<string, string> = error.retryAfterS === undefined ? {} : { "retry-after": String(error.retryAfterS) };
  return { json: errorJson(error, stamp), headers };
}

/** Source: https://platform.claude.com/docs/en/build-with-claude/streaming#error-events */
export function errorFrame(error: SimError, stamp: Stamp): Frame {
  return { event: "error", data: errorJson(error, stamp) };
}

/** A 400 in the form of Anthropic's, whose message begins with the place that it is about. */
export function refused(message: string, param: string | null = null): SimError {
  return new SimError(400, "request", { message: param === null ? message : `${param}: ${message}`, param });
}
