import { Role } from "@alfred/contracts";
import type { Key } from "@alfred/contracts";
import { fail } from "@alfred/errors";

/** Who is asking. */
export interface Principal {
  /** What they may do; roles are totally ordered, USER < ADMIN < ROOT < SERVICE. */
  readonly role: Role;
  /** The key that they called with; absent for a peer service. */
  readonly keyId?: string | undefined;
  /** The key's organisation; absent for root and peer services. */
  readonly organisationId?: string | undefined;
  /** The key as the directory tells of it: path, allowed models, limits. */
  readonly key?: Key | undefined;
  /** The organisation that they are confined to; undefined for root and peer services. */
  readonly tenant: string | undefined;
  /**
   * The organisation that a request means: their own when it names none.
   * @throws AlfredError NOT_FOUND for another tenant's; INVALID_ARGUMENT where root or a service names none
   */
  organisation(requested: string): string;
}

class Caller implements Principal {
  readonly role: Role;
  readonly key: Key | undefined;

  constructor(role: Role, key?: Key) {
    this.role = role;
    this.key = key;
  }

  get keyId(): string | undefined {
    return this.key?.id;
  }

  get organisationId(): string | undefined {
    return this.key?.organisationId || undefined;
  }

  get tenant(): string | undefined {
    return this.role < Role.ROLE_ROOT ? (this.key?.organisationId ?? "") : undefined;
  }

  organisation(requested: string): string {
    if (this.tenant === undefined) return requested || noOrganisation();
    if (requested !== "" && requested !== this.tenant) throw fail("NOT_FOUND", "There is no organisation with this id.");
    return this.tenant;
  }
}

function noOrganisation(): never {
  throw fail("INVALID_ARGUMENT", "`organisation_id` is needed: this caller has no organisation of its own.", {
    metadata: { field: "organisation_id" },
  });
}

/** The principal that a key stands for. */
export function principalOfKey(key: Key): Principal {
  return new Caller(key.role, key);
}

/** A peer service, which may call everything. */
export function servicePrincipal(): Principal {
  return new Caller(Role.ROLE_SERVICE);
}

/** Nobody: what a call has before it was authenticated, and where nobody needs to be. */
export function nobody(): Principal {
  return new Caller(Role.ROLE_UNSPECIFIED);
}

/**
 * Turns what was sent as a token into who is asking.
 * @throws AlfredError KEY_MISSING, KEY_INVALID, KEY_REVOKED, KEY_EXPIRED; UNAVAILABLE where it cannot be said
 */
export type Authenticator = (token: string | undefined) => Principal | Promise<Principal>;
