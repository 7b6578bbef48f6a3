import type { AccountPath } from "@alfred/contracts";
import { AccountKind } from "@alfred/contracts";
import type { Charge } from "../domain/charge.ts";
import type { SettledRecord, Settlement } from "./effect.ts";
import type { OwnRecord } from "./own-record.ts";

/** What a settlement says of the lease itself. */
interface SettlingLease {
  readonly id: string;
  readonly terms: { readonly organisationId: string; readonly path: AccountPath | undefined; readonly grantTimeMs: number };
  readonly isClosing: boolean;
  readonly admitted: Charge;
  readonly nextNumber: number;
}

/**
 * What the wallet is told of a lease.
 * @param records finished ones
 * @param isFinal whether they and those told before are all that there are
 */
export function settlementOf(lease: SettlingLease, records: readonly OwnRecord[], isFinal: boolean): Settlement {
  return {
    leaseId: lease.id,
    paths: pathsOf(records, lease),
    records: records.map(settledRecord),
    grantTimeMs: lease.terms.grantTimeMs,
    // Of a lease of an earlier start only what the journal still has is known, and that comes with its final.
    ...(lease.isClosing && lease.terms.path !== undefined && { ceiling: lease.admitted }),
    ...(isFinal && { finalCount: lease.nextNumber - 1 }),
  };
}

function settledRecord({ ref, accountId, worst, cost, isIndeterminate }: OwnRecord): SettledRecord {
  return { number: ref.number, accountId, worst, cost: cost ?? worst, isIndeterminate };
}

/**
 * One path per leaf; where there are no records, the one that the lease was granted for. The journal keeps none of a
 * lease whose records are all told of, so then it is that of the organisation, which the wallet knows by the lease.
 */
function pathsOf(records: readonly OwnRecord[], { terms }: SettlingLease): AccountPath[] {
  const paths = new Map<string, AccountPath>();
  for (const { accountId, path } of records) {
    if (path !== undefined && !paths.has(accountId)) paths.set(accountId, path);
  }
  if (paths.size > 0) return [...paths.values()];
  return [terms.path ?? organisationPath(terms.organisationId)];
}

function organisationPath(organisationId: string): AccountPath {
  const accounts = [{ id: organisationId, kind: AccountKind.ACCOUNT_KIND_ORGANISATION, initialLimits: [] }];
  return { organisationId, timeZone: "", accounts };
}
