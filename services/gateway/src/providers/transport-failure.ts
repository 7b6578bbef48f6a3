import { AlfredError, fail } from "@alfred/errors";
import { type Billed, UpstreamFailure } from "../domain/upstream-failure.ts";

/** Errors of undici and Node after which another connection may do better. */
const UNREACHED = new Set([
  "ECONNREFUSED", "ECONNRESET", "EPIPE", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "ETIMEDOUT",
  "UND_ERR_CONNECT_TIMEOUT", "UND_ERR_SOCKET", "UND_ERR_PRX_TLS",
]);

const TIMEOUTS = new Set(["UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT"]);

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
  if (TIMEOUTS.has(code)) return timedOut(provider, `The provider ${provider} was silent for too long.`, "prompt");
  if (hasBegun) {
    const message = `The answer of the provider ${provider} broke off before its end.`;
    return new UpstreamFailure(fail("PROVIDER_STREAM_BROKEN", message, options), { billed: "prompt" });
  }
  if (code.startsWith("HPE_") || code === "UND_ERR_HEADERS_OVERFLOW") {
    return new UpstreamFailure(fail("PROVIDER_MALFORMED", `The provider ${provider} does not answer in HTTP.`, options));
  }
  if (isSent && !isStale) {
    const message = `The provider ${provider} broke the connection off before it answered.`;
    return new UpstreamFailure(fail("PROVIDER_STREAM_BROKEN", message, options), { billed: "prompt" });
  }
  const message = `The provider ${provider} could not be reached.`;
  return new UpstreamFailure(fail("PROVIDER_UNAVAILABLE", message, options), { retryable: UNREACHED.has(code) });
}

/** What became of a call that the request's own time ended. */
export function deadlinePassed(provider: string, isSent: boolean): UpstreamFailure {
  return timedOut(provider, `The provider ${provider} did not answer within the time for the whole request.`, billed(isSent));
}

/** What became of a call that the caller ended, or the caller's deadline. */
export function callEnded(signal: AbortSignal, isSent: boolean): UpstreamFailure {
  const reason: unknown = signal.reason;
  const error = reason instanceof AlfredError ? reason : fail("CANCELLED", "The caller ended the call.");
  return new UpstreamFailure(error, { billed: billed(isSent) });
}

function timedOut(provider: string, message: string, what: Billed): UpstreamFailure {
  return new UpstreamFailure(fail("PROVIDER_TIMEOUT", message, { metadata: { provider } }), { billed: what });
}

function billed(isSent: boolean): Billed {
  return isSent ? "prompt" : "nothing";
}
