import { Role } from "@alfred/contracts";
import { fail } from "@alfred/errors";
import type { CallContext, Principal } from "@alfred/rpc";
import { hash } from "node:crypto";
import type { Origin } from "../domain/event.ts";
import type { Identity } from "../domain/identity.ts";
import { ROOT_SCOPE, SERVICE_SCOPE } from "../domain/identity.ts";

/** Who did it, as the ledger's events name them. */
export function originOf({ principal }: CallContext, requestId: string): Origin {
  return { actor: actorOf(principal), requestId };
}

/**
 * What makes a request the same as another: whose it is, what it asks, its id, and a digest of its body. Keys of one
 * organisation share their ids, as do all peer services.
 */
export function identityOf({ principal }: CallContext, rpc: string, requestId: string, body: unknown): Identity {
  const scope = principal.tenant === undefined ? actorOf(principal) : `organisation/${principal.tenant}`;
  return { scope, rpc, requestId, fingerprint: hash("sha256", canonical(body), "base64url") };
}

/** @throws AlfredError ROLE_INSUFFICIENT for keys of an organisation; `message` says what only root may do */
export function needRoot({ principal }: CallContext, message: string): void {
  if (principal.role >= Role.ROLE_ROOT) return;
  throw fail("ROLE_INSUFFICIENT", message, { metadata: { role: "admin", required: "root" } });
}

/** @throws AlfredError ROLE_INSUFFICIENT for all but the peer services; `message` says what only they may do */
export function needPeer({ principal }: CallContext, message: string): void {
  if (principal.role === Role.ROLE_SERVICE) return;
  const role = principal.role === Role.ROLE_ROOT ? "root" : "admin";
  throw fail("ROLE_INSUFFICIENT", message, { metadata: { role, required: "service" } });
}

function actorOf({ role, keyId }: Principal): string {
  if (role === Role.ROLE_SERVICE) return SERVICE_SCOPE;
  return role === Role.ROLE_ROOT ? ROOT_SCOPE : (keyId ?? "");
}

function canonical(body: unknown): string {
  return JSON.stringify(body, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
}
