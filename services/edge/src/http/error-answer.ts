import type { ServerResponse } from "node:http";
import { AlfredError, fail } from "@alfred/errors";
import { sendJson } from "./exchange.ts";
import { rateLimitHeaders } from "./headers.ts";

/** OpenAI's error object, with our hint and the request's id. */
export interface ErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly code: string | null;
    readonly param: string | null;
    readonly hint: string;
    readonly request_id: string;
    /** What the message says, for programs: the account that refused, what is left, when it resets. */
    readonly details?: Readonly<Record<string, string>>;
  };
}

/** Whatever was thrown, as an error of ours; what is not one becomes INTERNAL. */
export function asAlfredError(error: unknown): AlfredError {
  if (error instanceof AlfredError) return error;
  return fail("INTERNAL", "Something went wrong on our side.", { cause: error });
}

/** The body of an error answer, or of the `data:` that ends a stream. */
export function errorBody(error: AlfredError, requestId: string): ErrorBody {
  const row = error.row;
  const { field, param, code, ...details } = error.metadata;
  return {
    error: {
      message: error.message,
      type: row.openaiType,
      code: code ?? row.openaiCode,
      param: param ?? field ?? null,
      hint: error.hint,
      request_id: requestId,
      ...(Object.keys(details).length === 0 ? {} : { details }),
    },
  };
}

/** How an API tells an error. */
export type ErrorBodyOf = (error: AlfredError, requestId: string) => unknown;

/** Answers with an error; the HTTP status follows from the reason alone. */
export function sendError(response: ServerResponse, error: AlfredError, requestId: string, bodyOf: ErrorBodyOf = errorBody): void {
  sendJson(response, statusOf(error), bodyOf(error, requestId), errorHeaders(error));
}

/** A provider that refused a request as wrong keeps its 4xx. */
export function statusOf(error: AlfredError): number {
  const status = Number(error.metadata["status"]);
  const rejected = error.code === "PROVIDER_REJECTED";
  return rejected && status >= 400 && status < 500 ? status : error.row.httpStatus;
}

function errorHeaders(error: AlfredError): Record<string, string> {
  const { retryable } = error.row;
  const { retry_after: retryAfter, allow } = error.metadata;
  return {
    "x-should-retry": String(retryable),
    ...(retryable ? { "retry-after": retryAfter ?? "1" } : {}),
    ...(allow === undefined ? {} : { allow }),
    ...(error.code === "RATE_LIMITED" ? rateLimitHeaders(rateLimitOf(error)) : {}),
  };
}

function rateLimitOf({ metadata }: AlfredError): { limit: number; remaining: number; resetTime: Date | undefined } {
  const { limit, remaining, reset } = metadata;
  return {
    limit: Number(limit ?? 0),
    remaining: Number(remaining ?? 0),
    resetTime: reset === undefined ? undefined : new Date(reset),
  };
}
