import type { Call } from "@alfred/contracts";
import { hash } from "node:crypto";

/** The names of one request in the books. */
export interface RequestIdentity {
  /** The id under which money moves, as the caller is told it. */
  readonly requestId: string;
  /** SHA-256 in hex of the body where the caller may repeat it under this id, else empty. */
  readonly fingerprint: string;
}

/** The identity of a call with this body, the text of what was asked. `mint` makes an id where the call has none. */
export function identify(call: Call | undefined, operation: string, body: () => string, mint: () => string): RequestIdentity {
  const requestId = call?.requestId || mint();
  const fingerprint = call?.idempotent === true ? hash("sha256", `${operation}\n${body()}`) : "";
  return { requestId, fingerprint };
}

/** Longest id that the wallet takes, with room for a number. */
const MAX_ID = 120;

/** The id of a reservation without its number: two keys may use the same request id. */
export function reservationScope(keyId: string, requestId: string): string {
  const id = `${keyId}/${requestId}`;
  return id.length <= MAX_ID ? id : `${keyId}/${hash("sha256", requestId)}`;
}

/** Ids that the edge or the gateway made: of a new request, or of a key and its `Idempotency-Key`. */
const UNIQUE = /^req_(?:[0-9a-f]{40}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/**
 * The id of an attempt's usage record, unique in the installation, so that an id of the caller's own making is taken
 * together with its key. Attempts of a repetition of the request are numbered apart.
 */
export function recordId(keyId: string, requestId: string, repetition: number, attempt: number): string {
  const scope = UNIQUE.test(requestId) ? requestId : reservationScope(keyId, requestId);
  return repetition === 0 ? `${scope}/${attempt}` : `${scope}/${repetition + 1}.${attempt}`;
}
