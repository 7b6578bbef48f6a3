import type { AlfredError } from "@alfred/errors";
import { statusOf } from "../http/error-answer.ts";

/** Anthropic's error object, with our code, hint and details beside its own fields. */
interface AnthropicError {
  readonly type: "error";
  readonly error: {
    readonly type: string;
    readonly message: string;
    readonly code: string;
    readonly hint: string;
    /** What the message says, for programs: the field that is wrong, the account that refused. */
    readonly details?: Readonly<Record<string, string>>;
  };
  readonly request_id: string;
}

/** Types by status. Source: https://platform.claude.com/docs/en/api/errors */
const TYPES: Readonly<Record<number, string>> = {
  401: "authentication_error",
  402: "billing_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  503: "overloaded_error",
  504: "timeout_error",
};

/** By this Anthropic's clients know that they are to go on without a thread, which a provider would keep. */
const NO_THREADS = { error_code: "thread_unsupported_request" };

/** The body of an error answer, or of the `error` event that ends a stream. */
export function anthropicErrorBody(error: AlfredError, requestId: string): AnthropicError {
  const status = statusOf(error);
  const { code = error.row.openaiCode, ...told } = error.metadata;
  const details = told["fields"]?.split(", ").includes("thread") === true ? { ...told, ...NO_THREADS } : told;
  const type = TYPES[status] ?? (status < 500 ? "invalid_request_error" : "api_error");
  const said = { type, message: error.message, code, hint: error.hint };
  return { type: "error", error: Object.keys(details).length === 0 ? said : { ...said, details }, request_id: requestId };
}
