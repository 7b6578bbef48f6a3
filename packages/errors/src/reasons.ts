import { ErrorReason } from "@alfred/contracts";
import { GrpcCode } from "./grpc-code.ts";
import type { Reason, ReasonName } from "./reason.ts";

/** Whether a failed request may have cost something: "maybe" where only the ledger knows. */
export type MoneyMoved = "no" | "maybe" | "yes";

/** What a reason means on every wire. HTTP follows from the reason, never from the gRPC code. */
export interface ReasonRow {
  /** The stable name, as in `ErrorInfo.reason`. */
  readonly name: ReasonName;
  /** The gRPC status code. */
  readonly grpcCode: GrpcCode;
  /** The HTTP status. 499 is nginx's "client closed request", which nobody is left to read. */
  readonly httpStatus: number;
  /** `error.type`, OpenAI's where it has one. */
  readonly openaiType: string;
  /** `error.code`, OpenAI's where it has one, else the name in lower case. */
  readonly openaiCode: string;
  /** Whether the same request, sent again after a pause, may succeed. */
  readonly retryable: boolean;
  /** Whether money moved. */
  readonly moneyMoved: MoneyMoved;
  /** What to do about it, one or two sentences. */
  readonly hint: string;
}

const R = ErrorReason;

// OpenAI's `type` values: what the caller did wrong, and what the server did.
const REQUEST = "invalid_request_error";
const SERVER = "server_error";

/**
 * The one table of failures. Types and codes follow
 * https://platform.openai.com/docs/guides/error-codes where that knows the case.
 */
export const REASONS: Readonly<Record<Reason, ReasonRow>> = {
  [R.ERROR_REASON_INVALID_ARGUMENT]: {
    name: "INVALID_ARGUMENT", grpcCode: GrpcCode.INVALID_ARGUMENT, httpStatus: 400,
    openaiType: REQUEST, openaiCode: "invalid_argument", retryable: false, moneyMoved: "no",
    hint: "Correct the named field and send the request again.",
  },
  [R.ERROR_REASON_MALFORMED_BODY]: {
    name: "MALFORMED_BODY", grpcCode: GrpcCode.INVALID_ARGUMENT, httpStatus: 400,
    openaiType: REQUEST, openaiCode: "malformed_body", retryable: false, moneyMoved: "no",
    hint: "Send one JSON object in UTF-8 as this route expects it.",
  },
  [R.ERROR_REASON_UNSUPPORTED_MEDIA_TYPE]: {
    name: "UNSUPPORTED_MEDIA_TYPE", grpcCode: GrpcCode.INVALID_ARGUMENT, httpStatus: 415,
    openaiType: REQUEST, openaiCode: "unsupported_media_type", retryable: false, moneyMoved: "no",
    hint: "Send the header `content-type: application/json`.",
  },
  [R.ERROR_REASON_PAYLOAD_TOO_LARGE]: {
    name: "PAYLOAD_TOO_LARGE", grpcCode: GrpcCode.RESOURCE_EXHAUSTED, httpStatus: 413,
    openaiType: REQUEST, openaiCode: "payload_too_large", retryable: false, moneyMoved: "no",
    hint: "Make the request smaller than 32 MiB, for example with smaller images.",
  },
  [R.ERROR_REASON_ROUTE_NOT_FOUND]: {
    name: "ROUTE_NOT_FOUND", grpcCode: GrpcCode.UNIMPLEMENTED, httpStatus: 404,
    openaiType: REQUEST, openaiCode: "route_not_found", retryable: false, moneyMoved: "no",
    hint: "Check the path; OpenAI's API is served below /v1, administration below /admin/v1.",
  },
  [R.ERROR_REASON_METHOD_NOT_ALLOWED]: {
    name: "METHOD_NOT_ALLOWED", grpcCode: GrpcCode.UNIMPLEMENTED, httpStatus: 405,
    openaiType: REQUEST, openaiCode: "method_not_allowed", retryable: false, moneyMoved: "no",
    hint: "Use one of the methods in the `allow` header.",
  },
  [R.ERROR_REASON_NOT_FOUND]: {
    name: "NOT_FOUND", grpcCode: GrpcCode.NOT_FOUND, httpStatus: 404,
    openaiType: REQUEST, openaiCode: "not_found", retryable: false, moneyMoved: "no",
    hint: "Check the id, and that your key belongs to the organisation that has it.",
  },
  [R.ERROR_REASON_ALREADY_EXISTS]: {
    name: "ALREADY_EXISTS", grpcCode: GrpcCode.ALREADY_EXISTS, httpStatus: 409,
    openaiType: REQUEST, openaiCode: "already_exists", retryable: false, moneyMoved: "no",
    hint: "Use what exists, or choose another id or name.",
  },
  [R.ERROR_REASON_REQUEST_ID_REUSED]: {
    name: "REQUEST_ID_REUSED", grpcCode: GrpcCode.ALREADY_EXISTS, httpStatus: 409,
    openaiType: REQUEST, openaiCode: "request_id_reused", retryable: false, moneyMoved: "no",
    hint: "Choose a new id for a new request; repeat a request only with the same body.",
  },
  [R.ERROR_REASON_REQUEST_IN_PROGRESS]: {
    name: "REQUEST_IN_PROGRESS", grpcCode: GrpcCode.ABORTED, httpStatus: 409,
    openaiType: REQUEST, openaiCode: "request_in_progress", retryable: true, moneyMoved: "maybe",
    hint: "Wait for the first request to end before you repeat it.",
  },
  [R.ERROR_REASON_REQUEST_ALREADY_ANSWERED]: {
    name: "REQUEST_ALREADY_ANSWERED", grpcCode: GrpcCode.ALREADY_EXISTS, httpStatus: 409,
    openaiType: REQUEST, openaiCode: "request_already_answered", retryable: false, moneyMoved: "yes",
    hint: "The first request was charged, this one was not; use a new id to ask anew.",
  },
  [R.ERROR_REASON_FAILED_PRECONDITION]: {
    name: "FAILED_PRECONDITION", grpcCode: GrpcCode.FAILED_PRECONDITION, httpStatus: 409,
    openaiType: REQUEST, openaiCode: "failed_precondition", retryable: false, moneyMoved: "no",
    hint: "Look at the object's state first; it does not allow this now.",
  },
  [R.ERROR_REASON_PREVIOUS_RESPONSE_NOT_FOUND]: {
    name: "PREVIOUS_RESPONSE_NOT_FOUND", grpcCode: GrpcCode.NOT_FOUND, httpStatus: 400,
    openaiType: REQUEST, openaiCode: "previous_response_not_found", retryable: false, moneyMoved: "no",
    hint: "Send what was said before as items of `input`; providers keep responses for 30 days, and only where `store` is not false.",
  },

  [R.ERROR_REASON_KEY_MISSING]: {
    name: "KEY_MISSING", grpcCode: GrpcCode.UNAUTHENTICATED, httpStatus: 401,
    openaiType: REQUEST, openaiCode: "invalid_api_key", retryable: false, moneyMoved: "no",
    hint: "Send your key as `Authorization: Bearer <key>` or as `x-api-key`.",
  },
  [R.ERROR_REASON_KEY_INVALID]: {
    name: "KEY_INVALID", grpcCode: GrpcCode.UNAUTHENTICATED, httpStatus: 401,
    openaiType: REQUEST, openaiCode: "invalid_api_key", retryable: false, moneyMoved: "no",
    hint: "Check that the whole key was copied and that it belongs to this installation.",
  },
  [R.ERROR_REASON_KEY_REVOKED]: {
    name: "KEY_REVOKED", grpcCode: GrpcCode.UNAUTHENTICATED, httpStatus: 401,
    openaiType: REQUEST, openaiCode: "invalid_api_key", retryable: false, moneyMoved: "no",
    hint: "Ask an administrator of your organisation for a new key.",
  },
  [R.ERROR_REASON_KEY_EXPIRED]: {
    name: "KEY_EXPIRED", grpcCode: GrpcCode.UNAUTHENTICATED, httpStatus: 401,
    openaiType: REQUEST, openaiCode: "invalid_api_key", retryable: false, moneyMoved: "no",
    hint: "Ask an administrator of your organisation for a new key.",
  },
  [R.ERROR_REASON_ROLE_INSUFFICIENT]: {
    name: "ROLE_INSUFFICIENT", grpcCode: GrpcCode.PERMISSION_DENIED, httpStatus: 403,
    openaiType: REQUEST, openaiCode: "role_insufficient", retryable: false, moneyMoved: "no",
    hint: "Use a key with the role that is required.",
  },
  [R.ERROR_REASON_MODEL_NOT_ALLOWED]: {
    name: "MODEL_NOT_ALLOWED", grpcCode: GrpcCode.PERMISSION_DENIED, httpStatus: 403,
    openaiType: REQUEST, openaiCode: "model_not_allowed", retryable: false, moneyMoved: "no",
    hint: "GET /v1/models lists what this key may use; an administrator can change the list that refused.",
  },

  [R.ERROR_REASON_MODEL_NOT_FOUND]: {
    name: "MODEL_NOT_FOUND", grpcCode: GrpcCode.NOT_FOUND, httpStatus: 404,
    openaiType: REQUEST, openaiCode: "model_not_found", retryable: false, moneyMoved: "no",
    hint: "GET /v1/models lists the models that are served here.",
  },
  [R.ERROR_REASON_PRICE_UNKNOWN]: {
    name: "PRICE_UNKNOWN", grpcCode: GrpcCode.FAILED_PRECONDITION, httpStatus: 403,
    openaiType: REQUEST, openaiCode: "price_unknown", retryable: false, moneyMoved: "no",
    hint: "Ask the operator to set a price for this model, or use another one.",
  },
  [R.ERROR_REASON_FEATURE_UNSUPPORTED]: {
    name: "FEATURE_UNSUPPORTED", grpcCode: GrpcCode.INVALID_ARGUMENT, httpStatus: 400,
    openaiType: REQUEST, openaiCode: "feature_unsupported", retryable: false, moneyMoved: "no",
    hint: 'Leave these fields out, use another model, or send "drop_unsupported": true to have them left out.',
  },

  [R.ERROR_REASON_INSUFFICIENT_QUOTA]: {
    name: "INSUFFICIENT_QUOTA", grpcCode: GrpcCode.RESOURCE_EXHAUSTED, httpStatus: 402,
    openaiType: "insufficient_quota", openaiCode: "insufficient_quota", retryable: false, moneyMoved: "no",
    hint: "Wait for the reset, ask for a higher limit, or send a cheaper request, for example with fewer `max_tokens`.",
  },
  [R.ERROR_REASON_BUDGET_HELD]: {
    name: "BUDGET_HELD", grpcCode: GrpcCode.RESOURCE_EXHAUSTED, httpStatus: 429,
    openaiType: "budget_held", openaiCode: "budget_held", retryable: true, moneyMoved: "no",
    hint: "Try again shortly: requests in flight give back what they do not use.",
  },
  [R.ERROR_REASON_GATEWAY_SUPERSEDED]: {
    name: "GATEWAY_SUPERSEDED", grpcCode: GrpcCode.FAILED_PRECONDITION, httpStatus: 503,
    openaiType: SERVER, openaiCode: "gateway_superseded", retryable: true, moneyMoved: "no",
    hint: "Another start of this gateway has taken over; requests are served there.",
  },
  [R.ERROR_REASON_RATE_LIMITED]: {
    name: "RATE_LIMITED", grpcCode: GrpcCode.RESOURCE_EXHAUSTED, httpStatus: 429,
    openaiType: "requests", openaiCode: "rate_limit_exceeded", retryable: true, moneyMoved: "no",
    hint: "Slow down, and try again after the reset.",
  },
  [R.ERROR_REASON_OVERLOADED]: {
    name: "OVERLOADED", grpcCode: GrpcCode.RESOURCE_EXHAUSTED, httpStatus: 503,
    openaiType: SERVER, openaiCode: "overloaded", retryable: true, moneyMoved: "no",
    hint: "Try again with growing pauses.",
  },

  [R.ERROR_REASON_PROVIDER_REJECTED]: {
    name: "PROVIDER_REJECTED", grpcCode: GrpcCode.INVALID_ARGUMENT, httpStatus: 400,
    openaiType: REQUEST, openaiCode: "provider_rejected", retryable: false, moneyMoved: "no",
    hint: "Correct the request as the provider's message says.",
  },
  [R.ERROR_REASON_PROVIDER_UNAUTHENTICATED]: {
    name: "PROVIDER_UNAUTHENTICATED", grpcCode: GrpcCode.FAILED_PRECONDITION, httpStatus: 502,
    openaiType: SERVER, openaiCode: "provider_unauthenticated", retryable: false, moneyMoved: "no",
    hint: "Ask the operator to check the credentials of this provider; your own key is fine.",
  },
  [R.ERROR_REASON_PROVIDER_RATE_LIMITED]: {
    name: "PROVIDER_RATE_LIMITED", grpcCode: GrpcCode.RESOURCE_EXHAUSTED, httpStatus: 429,
    openaiType: "requests", openaiCode: "provider_rate_limited", retryable: true, moneyMoved: "no",
    hint: "Try again after the pause that the provider asks for, or use another model.",
  },
  [R.ERROR_REASON_PROVIDER_UNAVAILABLE]: {
    name: "PROVIDER_UNAVAILABLE", grpcCode: GrpcCode.UNAVAILABLE, httpStatus: 503,
    openaiType: SERVER, openaiCode: "provider_unavailable", retryable: true, moneyMoved: "no",
    hint: "Try again shortly, or use a model of another provider.",
  },
  [R.ERROR_REASON_PROVIDER_TIMEOUT]: {
    name: "PROVIDER_TIMEOUT", grpcCode: GrpcCode.DEADLINE_EXCEEDED, httpStatus: 504,
    openaiType: SERVER, openaiCode: "provider_timeout", retryable: true, moneyMoved: "maybe",
    hint: "Try again, or ask for less: the provider may have worked on it and billed it.",
  },
  [R.ERROR_REASON_PROVIDER_MALFORMED]: {
    name: "PROVIDER_MALFORMED", grpcCode: GrpcCode.INTERNAL, httpStatus: 502,
    openaiType: SERVER, openaiCode: "provider_malformed", retryable: true, moneyMoved: "maybe",
    hint: "Try again; if it stays, ask the operator whether the base URL of the provider is right.",
  },
  [R.ERROR_REASON_PROVIDER_STREAM_BROKEN]: {
    name: "PROVIDER_STREAM_BROKEN", grpcCode: GrpcCode.ABORTED, httpStatus: 502,
    openaiType: SERVER, openaiCode: "provider_stream_broken", retryable: true, moneyMoved: "yes",
    hint: "What was streamed is charged; send the request again under a new id to have it whole.",
  },

  [R.ERROR_REASON_UNAVAILABLE]: {
    name: "UNAVAILABLE", grpcCode: GrpcCode.UNAVAILABLE, httpStatus: 503,
    openaiType: SERVER, openaiCode: "unavailable", retryable: true, moneyMoved: "no",
    hint: "Try again shortly.",
  },
  [R.ERROR_REASON_DEADLINE_EXCEEDED]: {
    name: "DEADLINE_EXCEEDED", grpcCode: GrpcCode.DEADLINE_EXCEEDED, httpStatus: 504,
    openaiType: SERVER, openaiCode: "deadline_exceeded", retryable: true, moneyMoved: "maybe",
    hint: "Allow more time or ask for less; repeat a mutation only under the same request id.",
  },
  [R.ERROR_REASON_CANCELLED]: {
    name: "CANCELLED", grpcCode: GrpcCode.CANCELLED, httpStatus: 499,
    openaiType: REQUEST, openaiCode: "cancelled", retryable: false, moneyMoved: "maybe",
    hint: "The caller ended it; what had been generated until then is charged.",
  },
  [R.ERROR_REASON_INTERNAL]: {
    name: "INTERNAL", grpcCode: GrpcCode.INTERNAL, httpStatus: 500,
    openaiType: SERVER, openaiCode: "internal", retryable: true, moneyMoved: "maybe",
    hint: "Try again under the same request id; tell the operator the id if it stays.",
  },
};
