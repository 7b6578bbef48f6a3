import type { Call } from "@alfred/contracts";
import { hash } from "node:crypto";

/** The names of one request in the books. */
export interface RequestIdentity {
  /** The id under which money moves, as the caller is told it. */
  readonly requestId: string;
  /**
   * What the ids of its reservations and records begin with, unique in the installation: of a request that its caller may
   * repeat the same each time, of any other one of its own, whatever id it came with.
   */
  readonly scope: string;
  /** SHA-256 in hex of the body where the caller may repeat the request, else empty. */
  readonly fingerprint: string;
}

/** Where new names come from. */
export interface Minting {
  /** A new request id. */
  requestId(): string;
  /** A few random characters. */
  nonce(): string;
}

/** Longest scope, so that the wallet and metering take it with a number behind. */
const MAX_SCOPE = 110;

/** Whose request it is, and for what: the same id for another operation is another request. */
export interface Requester {
  readonly keyId: string;
  readonly operation: string;
}

/** The identity of a call; `body` is the text of what was asked. */
export function identify(call: Call | undefined, { keyId, operation }: Requester, body: () => string, mint: Minting): RequestIdentity {
  const given = call?.requestId ?? "";
  if (given === "") {
    const requestId = mint.requestId();
    return { requestId, scope: requestId, fingerprint: "" };
  }
  if (call?.idempotent !== true) return { requestId: given, scope: bounded(given, mint.nonce()), fingerprint: "" };
  // Two keys may use the same id.
  return { requestId: given, scope: bounded(`${keyId}/${operation}`, given), fingerprint: hash("sha256", body()) };
}

/** The id of an attempt's usage record. Attempts of a repetition of the request are numbered apart. */
export function recordId(scope: string, repetition: number, attempt: number): string {
  return repetition === 0 ? `${scope}/${attempt}` : `${scope}/${repetition + 1}.${attempt}`;
}

function bounded(left: string, right: string): string {
  const scope = `${left}/${right}`;
  return scope.length <= MAX_SCOPE ? scope : `id_${hash("sha256", scope)}`;
}
