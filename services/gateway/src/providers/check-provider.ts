import type { Dispatcher } from "undici";
import type { CheckOutcome } from "../health/provider-check.ts";
import type { FreeRequest } from "./free-request.ts";

/** More of a list is not read, in bytes; its connection is given up then. */
const MOST_BYTES = 256 * 1024;

/**
 * Asks a provider for what costs nothing. Only success, faults of the server and credentials that it does not know say
 * something: who refuses the question, or answers with a page, may serve models all the same. Never rejects.
 *
 * @param signal ends it, as silence
 */
export async function checkProvider(wayOut: Dispatcher, { url, headers }: FreeRequest, signal: AbortSignal): Promise<CheckOutcome> {
  const { origin, pathname, search } = new URL(url);
  const asked = { accept: "application/json", "accept-encoding": "identity", "user-agent": "alfred", ...headers };
  try {
    const { statusCode, headers: { "content-type": type }, body } = await wayOut.request({ origin, path: pathname + search, method: "GET", headers: asked, signal });
    await body.dump({ limit: MOST_BYTES, signal });
    if (statusCode >= 500) return { result: "failed", reason: "PROVIDER_UNAVAILABLE" };
    if (statusCode === 401) return { result: "failed", reason: "PROVIDER_UNAUTHENTICATED" };
    const hasPassed = statusCode >= 200 && statusCode < 300 && String(type).startsWith("application/json");
    return { result: hasPassed ? "passed" : "unknown", reason: "" };
  } catch {
    return { result: "failed", reason: signal.aborted ? "PROVIDER_TIMEOUT" : "PROVIDER_UNAVAILABLE" };
  }
}
