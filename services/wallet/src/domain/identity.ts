import type { AccountState } from "./account.ts";
import type { Refusal } from "./refusal.ts";
import type { Transfer } from "./transfer.ts";

/** The scope of the peer services: their word on what a request cost is the last. */
export const SERVICE_SCOPE = "service";
/** The scope of the administrator of the whole house. */
export const ROOT_SCOPE = "root";

/** What makes two requests the same one. */
export interface Identity {
  /** Whose ids they are: an organisation's, "root" or "service". */
  readonly scope: string;
  readonly rpc: string;
  readonly requestId: string;
  /** A digest of the body: the same id with another body is a mistake. */
  readonly fingerprint: string;
}

/** What an acquire was answered with besides its lease. */
export interface GrantTerms {
  /** How long the lease may be spent from, counted from the first send of the acquire. */
  readonly ttlMs: number;
  /** The revision of the organisation's limits that it was granted under. */
  readonly limitsRevision: bigint;
}

/** What a request was answered with. A lease is looked up anew, so that a replay shows its present state. */
export type Answer =
  | { readonly type: "lease"; readonly leaseId: string; readonly grant?: GrantTerms }
  | { readonly type: "transfer"; readonly transfer: Transfer }
  | { readonly type: "account"; readonly state: AccountState }
  | { readonly type: "denied"; readonly refusal: Refusal };

/** An answer on record. */
export interface StoredAnswer {
  readonly identity: Identity;
  readonly answer: Answer;
}

/** Whether a request comes from root or a peer rather than from an organisation's own key. */
export function isFromHouse({ scope }: Identity): boolean {
  return scope === SERVICE_SCOPE || scope === ROOT_SCOPE;
}

/** The key under which an answer is found again. */
export function identityId({ scope, rpc, requestId }: Identity): string {
  return `${scope}\u0000${rpc}\u0000${requestId}`;
}
