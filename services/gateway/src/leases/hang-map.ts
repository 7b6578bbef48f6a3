import type { AccountPath } from "@alfred/contracts";
import { LeasePool } from "./lease-pool.ts";
import type { OwnLease, OwnPool } from "./own-lease.ts";

/** Leaves of one organisation whose account is remembered; above it all are learned anew. */
const MAX_LEAVES = 100_000;

interface OrganisationPools {
  revision: bigint;
  /** By leaf: the account that leases for it hang on. */
  readonly accountOfLeaf: Map<string, string>;
  readonly pools: Map<string, OwnPool>;
}

/**
 * On which account leases for a leaf hang: the lowest with a limit, which only the wallet knows. It is learned from each
 * grant, and forgotten when the organisation's limits get another shape.
 */
export class HangMap {
  readonly #organisations = new Map<string, OrganisationPools>();

  /** The pool of a path, of the leaf alone where its account is not known. The account of a pool is on the path. */
  poolFor({ organisationId, accounts }: AccountPath): OwnPool {
    const organisation = this.#organisation(organisationId);
    const leafId = accounts[0]?.id ?? organisationId;
    const accountId = organisation.accountOfLeaf.get(leafId);
    const isOnPath = accountId !== undefined && accounts.some(({ id }) => id === accountId);
    return poolOf(organisation, isOnPath ? accountId : leafId);
  }

  /** Takes note of where leases for this path hang. */
  learn({ organisationId, accounts }: AccountPath, accountId: string): void {
    const organisation = this.#organisation(organisationId);
    if (organisation.accountOfLeaf.size >= MAX_LEAVES) organisation.accountOfLeaf.clear();
    organisation.accountOfLeaf.set(accounts[0]?.id ?? organisationId, accountId);
  }

  /** Limits were revised. What was learned under an earlier revision is forgotten; whether this one is later. */
  revise(organisationId: string, revision: bigint): boolean {
    const organisation = this.#organisation(organisationId);
    if (revision <= organisation.revision) return false;
    organisation.revision = revision;
    organisation.accountOfLeaf.clear();
    return true;
  }

  /** Whether a grant under this revision may hang on an account that is not the right one any more. */
  isOutdated(organisationId: string, revision: bigint): boolean {
    return revision < this.#organisation(organisationId).revision;
  }

  /** Forgets pools that nothing hangs on. */
  prune(): void {
    for (const { pools } of this.#organisations.values()) {
      for (const pool of pools.values()) if (pool.isUnused) pools.delete(pool.accountId);
    }
  }

  #organisation(organisationId: string): OrganisationPools {
    const known = this.#organisations.get(organisationId);
    if (known !== undefined) return known;
    const created: OrganisationPools = { revision: 0n, accountOfLeaf: new Map(), pools: new Map() };
    this.#organisations.set(organisationId, created);
    return created;
  }
}

function poolOf({ pools }: OrganisationPools, accountId: string): OwnPool {
  const known = pools.get(accountId);
  if (known !== undefined) return known;
  const created = new LeasePool<OwnLease>(accountId);
  pools.set(accountId, created);
  return created;
}
