import type { AccountPath } from "@alfred/contracts";
import type { SettledRecord, Settlement } from "./effect.ts";
import type { OwnLease } from "./own-lease.ts";
import type { OwnRecord } from "./own-record.ts";

/**
 * What the wallet is told of a lease.
 * @param records finished ones
 * @param isFinal whether they and those told before are all that there are
 */
export function settlementOf(lease: OwnLease, records: readonly OwnRecord[], isFinal: boolean): Settlement {
  return {
    leaseId: lease.id,
    paths: pathsOf(records, lease.terms.path),
    records: records.map(settledRecord),
    grantTimeMs: lease.terms.grantTimeMs,
    ...(lease.isClosing && { ceiling: lease.admitted }),
    ...(isFinal && { finalCount: lease.nextNumber - 1 }),
  };
}

function settledRecord({ ref, accountId, worst, cost, isIndeterminate }: OwnRecord): SettledRecord {
  return { number: ref.number, accountId, worst, cost: cost ?? worst, isIndeterminate };
}

/** One path per leaf; where there are no records, the one that the lease was granted for. */
function pathsOf(records: readonly OwnRecord[], granted: AccountPath | undefined): AccountPath[] {
  const paths = new Map<string, AccountPath>();
  for (const { accountId, path } of records) {
    if (path !== undefined && !paths.has(accountId)) paths.set(accountId, path);
  }
  if (paths.size > 0) return [...paths.values()];
  return granted === undefined ? [] : [granted];
}
