/** The `error` object of OpenAI's HTTP API. */
export interface ErrorBody {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;
}

/** An answer that is an error: the HTTP status, OpenAI's error object, and headers that go with it. */
export class SimError extends Error {
  readonly status: number;
  readonly body: ErrorBody;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, body: ErrorBody, headers: Readonly<Record<string, string>> = {}) {
    super(body.message);
    this.name = "SimError";
    this.status = status;
    this.body = body;
    this.headers = headers;
  }

  /** The response body, as OpenAI frames it. */
  toJson(): string {
    return JSON.stringify({ error: this.body });
  }
}

/** A 400 `invalid_request_error` about one parameter. */
export function invalidRequest(message: string, param: string | null = null, code: string | null = null): SimError {
  return new SimError(400, { message, type: "invalid_request_error", param, code });
}

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

function statusText(status: number): StatusText {
  const fallback = status >= 500 ? 500 : 400;
  return STATUS_TEXTS[status] ?? STATUS_TEXTS[fallback] ?? { message: "Failed on demand.", type: "server_error", code: null };
}

/**
 * The error that a fault asks for: OpenAI's usual object for the status, its `code` replaced where one is given.
 * The code `insufficient_quota` is also its own `type`, as at OpenAI.
 */
export function errorForStatus(status: number, code?: string, headers: Readonly<Record<string, string>> = {}): SimError {
  const text = statusText(status);
  const type = code === "insufficient_quota" ? code : text.type;
  return new SimError(status, { message: text.message, type, param: null, code: code ?? text.code }, headers);
}
