import { AlfredError, fail } from "@alfred/errors";
import { type Billed, UpstreamFailure } from "../domain/upstream-failure.ts";
import type { Silence } from "./patience.ts";

/** Errors of undici and Node after which another connection may do better. */
const UNREACHED = new Set([
  "ECONNREFUSED", "ECONNRESET", "EPIPE", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH",
  "UND_ERR_SOCKET", "UND_ERR_PRX_TLS",
]);

/** The same where the connection took too long. */
const UNCONNECTED = new Set(["UND_ERR_CONNECT_TIMEOUT", "ETIMEDOUT"]);

/** How far a call had come when its connection failed. */
export interface Progress {
  /** Whether all of it was given to the connection, so that the provider may have begun to work. */
  readonly isSent: boolean;
  /** Whether it was given to an idle connection that broke at once, as those do that the provider is closing. */
  readonly isStale: boolean;
  readonly hasBegun: boolean;
}

/** What became of a call whose connection failed, before its answer began or within it. */
export function transportFailure(provider: string, error: Error, { isSent, isStale, hasBegun }: Progress): UpstreamFailure {
  const code = "code" in error ? String(error.code) : "";
  const options = { metadata: { provider }, cause: error };
  if (hasBegun) {
    const message = `The answer of the provider ${provider} broke off before its end.`;
    return new UpstreamFailure(fail("PROVIDER_STREAM_BROKEN", message, options), { billed: "prompt" });
  }
  if (code.startsWith("HPE_") || code === "UND_ERR_HEADERS_OVERFLOW") {
    return new UpstreamFailure(fail("PROVIDER_MALFORMED", `The provider ${provider} does not answer in HTTP.`, options), { elsewhere: true });
  }
  if (isSent && !isStale) {
    const message = `The provider ${provider} broke the connection off before it answered.`;
    return new UpstreamFailure(fail("PROVIDER_STREAM_BROKEN", message, options), { billed: "prompt", elsewhere: true });
  }
  if (UNCONNECTED.has(code)) return timedOut(provider, "connect", { retryable: true });
  const message = `The provider ${provider} could not be reached.`;
  return new UpstreamFailure(fail("PROVIDER_UNAVAILABLE", message, options), { retryable: UNREACHED.has(code), elsewhere: true });
}

/** What became of a call whose provider was silent for too long. */
export function fellSilent(provider: string, where: Silence, isSent: boolean): UpstreamFailure {
  return timedOut(provider, where, { billed: billed(isSent), elsewhere: where === "first_byte" });
}

/** What became of a call that the request's own time ended. */
export function deadlinePassed(provider: string, isSent: boolean): UpstreamFailure {
  return timedOut(provider, "whole", { billed: billed(isSent) });
}

/** What became of a call that the caller ended, or the caller's deadline. */
export function callEnded(signal: AbortSignal, isSent: boolean): UpstreamFailure {
  const reason: unknown = signal.reason;
  const error = reason instanceof AlfredError ? reason : fail("CANCELLED", "The caller ended the call.");
  return new UpstreamFailure(error, { billed: billed(isSent) });
}

/** Which time was over, as `timeout` in the error's metadata has it. */
type Timeout = Silence | "connect" | "whole";

const SAYINGS: Readonly<Record<Timeout, string>> = {
  connect: "could not be connected to in time",
  first_byte: "did not begin to answer in time",
  between_chunks: "fell silent in the midst of its answer",
  whole: "did not answer within the time for the whole request",
};

function timedOut(provider: string, timeout: Timeout, options: { billed?: Billed; retryable?: boolean; elsewhere?: boolean }): UpstreamFailure {
  const message = `The provider ${provider} ${SAYINGS[timeout]}.`;
  return new UpstreamFailure(fail("PROVIDER_TIMEOUT", message, { metadata: { provider, timeout } }), options);
}

function billed(isSent: boolean): Billed {
  return isSent ? "prompt" : "nothing";
}
