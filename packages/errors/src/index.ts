/**
 * Failures and what they mean: one table from reason to gRPC code, HTTP status, OpenAI's error object, whether to
 * retry, whether money moved and what to do; and the one error class that carries a reason.
 */
export { AlfredError, fail, isFailure } from "./alfred-error.ts";
export type { FailureOptions } from "./alfred-error.ts";
export { ERROR_DOMAIN, fromErrorInfo, toErrorInfo } from "./error-info.ts";
export { GrpcCode } from "./grpc-code.ts";
export { reasonOfName } from "./reason.ts";
export type { Reason, ReasonName } from "./reason.ts";
export { REASONS } from "./reasons.ts";
export type { MoneyMoved, ReasonRow } from "./reasons.ts";
