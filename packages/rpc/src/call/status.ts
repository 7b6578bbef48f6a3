import { ErrorInfo, Status } from "@alfred/contracts";
import { fail, fromErrorInfo, GrpcCode, toErrorInfo } from "@alfred/errors";
import type { AlfredError, ReasonName } from "@alfred/errors";
import { Metadata } from "@grpc/grpc-js";
import { methodOfPath, serviceOfPath } from "./definition.ts";

const DETAILS_KEY = "grpc-status-details-bin";
const ERROR_INFO_TYPE = "type.googleapis.com/google.rpc.ErrorInfo";

// Trailers must fit in the 8 KiB that peers commonly allow for headers.
const MAX_MESSAGE_LENGTH = 2_000;
const MAX_METADATA_ENTRIES = 16;
const MAX_METADATA_LENGTH = 256;

/** What gRPC sends at the end of a call. */
export interface WireStatus {
  readonly code: number;
  readonly details: string;
  readonly metadata: Metadata;
}

/** The error as `google.rpc.Status` with `ErrorInfo`, bounded so that it fits into trailers. */
export function toWireStatus(error: AlfredError): WireStatus {
  const code = error.row.grpcCode;
  // grpc-js percent-encodes the message and throws on half a surrogate pair.
  const message = error.message.slice(0, MAX_MESSAGE_LENGTH).toWellFormed();
  const metadata = new Metadata();
  const value = Buffer.from(ErrorInfo.encode(boundedInfo(error)).finish());
  const details = [{ typeUrl: ERROR_INFO_TYPE, value }];
  metadata.set(DETAILS_KEY, Buffer.from(Status.encode({ code, message, details }).finish()));
  return { code, details: message, metadata };
}

function boundedInfo(error: AlfredError): ErrorInfo {
  const info = toErrorInfo(error);
  const { hint = "", ...rest } = info.metadata;
  const entries = Object.entries(rest).slice(0, MAX_METADATA_ENTRIES);
  const bounded = [["hint", hint.slice(0, MAX_MESSAGE_LENGTH)] as const, ...entries.map(bound)];
  return { ...info, metadata: Object.fromEntries(bounded) };
}

function bound([name, value]: readonly [string, string]): readonly [string, string] {
  return [name, value.slice(0, MAX_METADATA_LENGTH)];
}

/** The error that a peer's status tells of: the very reason where the peer is one of ours, else the nearest one. */
export function fromWireStatus(status: WireStatus, path: string): AlfredError {
  return ownError(status) ?? foreignError(status, path);
}

function ownError({ metadata, details }: WireStatus): AlfredError | undefined {
  const [bytes] = metadata.get(DETAILS_KEY);
  if (!Buffer.isBuffer(bytes)) return undefined;
  try {
    const status = Status.decode(bytes);
    const info = status.details.find((detail) => detail.typeUrl === ERROR_INFO_TYPE);
    return info && fromErrorInfo(ErrorInfo.decode(info.value), status.message || details);
  } catch {
    // Details that cannot be read tell nothing; the plain code still does.
    return undefined;
  }
}

const nearest: ReadonlyMap<number, ReasonName> = new Map([
  [GrpcCode.CANCELLED, "CANCELLED"],
  [GrpcCode.INVALID_ARGUMENT, "INVALID_ARGUMENT"],
  [GrpcCode.OUT_OF_RANGE, "INVALID_ARGUMENT"],
  [GrpcCode.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED"],
  [GrpcCode.NOT_FOUND, "NOT_FOUND"],
  [GrpcCode.ALREADY_EXISTS, "ALREADY_EXISTS"],
  [GrpcCode.PERMISSION_DENIED, "ROLE_INSUFFICIENT"],
  [GrpcCode.UNAUTHENTICATED, "KEY_INVALID"],
  [GrpcCode.RESOURCE_EXHAUSTED, "OVERLOADED"],
  [GrpcCode.FAILED_PRECONDITION, "FAILED_PRECONDITION"],
  [GrpcCode.ABORTED, "UNAVAILABLE"],
  [GrpcCode.UNAVAILABLE, "UNAVAILABLE"],
]);

// The library's own words may name addresses, so they become the cause, which is logged and not shown.
function foreignError(status: WireStatus, path: string): AlfredError {
  const cause = new Error(`${path}: ${status.code} ${status.details}`);
  const service = serviceOfPath(path);
  const reason = isOversize(status) ? "PAYLOAD_TOO_LARGE" : (nearest.get(status.code) ?? "INTERNAL");
  return fail(reason, sayings.get(reason)?.(service) ?? `${service} refused or failed ${methodOfPath(path)}.`, { cause });
}

const sayings: ReadonlyMap<ReasonName, (service: string) => string> = new Map([
  ["UNAVAILABLE", (service: string) => `${service} cannot be reached.`],
  ["PAYLOAD_TOO_LARGE", () => "A message is larger than the limit of 32 MiB."],
  ["CANCELLED", () => "The caller ended the call."],
  ["DEADLINE_EXCEEDED", () => "The deadline passed before there was an answer."],
]);

function isOversize({ code, details }: WireStatus): boolean {
  return code === GrpcCode.RESOURCE_EXHAUSTED && /larger than/.test(details);
}
