import { fail } from "@alfred/errors";
import { newId } from "@alfred/ids";
import { injectTrace } from "@alfred/telemetry";
import type { CallContext } from "../call/context.ts";
import { isRequestId } from "../call/request-id.ts";
import type { OutgoingCall } from "../call/transport.ts";

/** What a caller may say about one call. */
export interface CallOptions {
  /** The call that this one is made for: its deadline and cancellation hold here too, its request id goes along. */
  readonly parent?: CallContext | undefined;
  /** Ends the call. */
  readonly signal?: AbortSignal | undefined;
  /** How long the call may take, at most as long as its parent. */
  readonly timeoutMs?: number | undefined;
  /** Sent as `authorization: Bearer`, instead of the client's. */
  readonly token?: string | undefined;
  /** Sent as `x-request-id`, instead of the parent's or a new one; one that is unfit is replaced. */
  readonly requestId?: string | undefined;
  /** More metadata, names in lower case, values in printable ASCII. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Set to false for a call that must not be sent twice, even where nothing of it was answered. */
  readonly retry?: boolean | undefined;
}

/** What holds for all calls of a client. */
export interface ClientDefaults {
  /** How long a unary call may take; default 10,000 ms. */
  readonly timeoutMs?: number | undefined;
  /** How long a stream may take; default one hour, after which a watch is opened anew. */
  readonly streamTimeoutMs?: number | undefined;
  /** Sent as `authorization: Bearer`; a peer service sends `ALFRED_SERVICE_TOKEN`. */
  readonly token?: string | undefined;
}

const PRINTABLE = /^[!-~]+$/;
const UNARY_TIMEOUT_MS = 10_000;
const STREAM_TIMEOUT_MS = 3_600_000;

/** What the call takes along: the sooner of both deadlines, and who asks, for whom, in which trace. */
export function outgoingCall(options: CallOptions, defaults: ClientDefaults, streams: boolean): OutgoingCall {
  const { parent, signal } = options;
  const signals = [parent?.signal, signal].filter((one) => one !== undefined);
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs(defaults, streams);
  const deadline = Math.min(Date.now() + timeoutMs, parent?.deadline ?? Number.POSITIVE_INFINITY);
  return { deadline, metadata: metadataOf(options, defaults), signals };
}

function defaultTimeoutMs(defaults: ClientDefaults, streams: boolean): number {
  return streams ? (defaults.streamTimeoutMs ?? STREAM_TIMEOUT_MS) : (defaults.timeoutMs ?? UNARY_TIMEOUT_MS);
}

function metadataOf(options: CallOptions, defaults: ClientDefaults): Record<string, string> {
  const { parent } = options;
  const metadata: Record<string, string> = { ...options.metadata };
  const requestId = options.requestId ?? parent?.requestId ?? "";
  metadata["x-request-id"] = isRequestId(requestId) ? requestId : newId("req");
  const token = options.token ?? defaults.token;
  if (token !== undefined) metadata["authorization"] = bearer(token);
  passTraceOn(parent, metadata);
  return metadata;
}

// A token that cannot be a header cannot be a key either; grpc-js would throw, and show it.
function bearer(token: string): string {
  if (!PRINTABLE.test(token)) throw fail("KEY_INVALID", "The key is not valid.");
  return `Bearer ${token}`;
}

// Where no tracing is set up here, the caller's trace context still reaches whoever comes next.
function passTraceOn(parent: CallContext | undefined, metadata: Record<string, string>): void {
  for (const name of ["traceparent", "tracestate"]) {
    const value = parent?.metadata.get(name);
    if (value !== undefined) metadata[name] = value;
  }
  injectTrace(metadata);
}
