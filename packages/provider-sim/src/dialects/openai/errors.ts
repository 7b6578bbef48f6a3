import type { ErrorReply } from "../../dialect.ts";
import type { SimError } from "../../sim-error.ts";

interface StatusText {
  readonly message: string;
  readonly type: string;
  readonly code: string | null;
}

const STATUS_TEXTS: Readonly<Record<number, StatusText>> = {
  400: { message: "The request was refused on demand.", type: "invalid_request_error", code: null },
  401: { message: "Incorrect API key provided.", type: "invalid_request_error", code: "invalid_api_key" },
  403: { message: "This project may not use this model.", type: "invalid_request_error", code: "model_not_found" },
  404: { message: "The model does not exist or you do not have access to it.", type: "invalid_request_error", code: "model_not_found" },
  429: { message: "Rate limit reached for requests. Please try again later.", type: "requests", code: "rate_limit_exceeded" },
  500: { message: "The server had an error while processing your request.", type: "server_error", code: null },
  503: { message: "The engine is currently overloaded. Please try again later.", type: "service_unavailable_error", code: null },
};

const FALLBACK: StatusText = { message: "Failed on demand.", type: "server_error", code: null };

/** What OpenAI says where an error is asked for by its status alone. */
function statusText(status: number): StatusText {
  return STATUS_TEXTS[status] ?? STATUS_TEXTS[status >= 500 ? 500 : 400] ?? FALLBACK;
}

/** OpenAI's `error` object. The code `insufficient_quota` is also its own `type`, as at OpenAI. */
function errorObject({ status, kind, message, param, code }: SimError): object {
  const usual = statusText(status);
  if (kind === "demanded" || kind === "concurrency") {
    const type = code === "insufficient_quota" ? code : usual.type;
    return { message: message || usual.message, type, param, code: code ?? usual.code };
  }
  const type = kind === "rate" ? "requests" : kind === "simulator" ? "server_error" : "invalid_request_error";
  return { message: message || usual.message, type, param, code };
}

/** The error as OpenAI writes it, with `Retry-After` where there is a time to come back. */
export function writeError(error: SimError): ErrorReply {
  const headers: Record<string, string> = error.retryAfterS === undefined ? {} : { "Retry-After": String(error.retryAfterS) };
  return { json: JSON.stringify({ error: errorObject(error) }), headers };
}
