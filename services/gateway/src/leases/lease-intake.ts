import type { Admissions } from "./admissions.ts";
import type { CreditDesk } from "./credit-desk.ts";
import type { HangMap } from "./hang-map.ts";
import type { Identity } from "./identity.ts";
import type { AdmitRequest, Grant, HeldReservation } from "./lease-input.ts";
import type { OwnLeases } from "./own-leases.ts";
import type { SettleDesk } from "./settle-desk.ts";
import { LeasePool } from "./lease-pool.ts";
import { type LeaseTerms, type OwnAcquire, OwnLease, type OwnPool } from "./own-lease.ts";

export interface LeaseIntakeParts {
  readonly leases: OwnLeases;
  readonly hangs: HangMap;
  readonly credit: CreditDesk;
  readonly settling: SettleDesk;
  readonly admissions: Admissions;
  readonly identity: () => Identity | undefined;
}

/** A lease that ends soon, as at the end of a period, need not be spoken of all the time. */
const SHORTEST_KEEP_ALIVE_MS = 1_000;

/** Leases as they come, and as they are asked back. */
export class LeaseIntake {
  readonly #parts: LeaseIntakeParts;

  constructor(parts: LeaseIntakeParts) {
    this.#parts = parts;
  }

  /** Takes in a lease, and serves those who wait for it. One that is of no use goes back at once. */
  receive(acquire: OwnAcquire, grant: Grant, nowMs: number): void {
    const { admissions, leases, hangs } = this.#parts;
    const { path, pool } = acquire;
    const isRevised = hangs.revise(grant.organisationId, grant.limitsRevision);
    const isKnown = this.#learn(acquire, grant);
    const right = isKnown ? hangs.poolFor(path) : pool;
    const rerouted = isRevised ? admissions.rerouteAll(grant.organisationId, nowMs) : new Set<OwnPool>();
    const pools = right === pool ? rerouted.add(pool) : rerouted.union(admissions.reroute(pool, nowMs));
    const isNew = leases.get(grant.leaseId) === undefined;
    const lease = isNew && grant.state !== "closed" ? this.#add(acquire, grant, right, nowMs) : undefined;
    for (const each of pools) admissions.serve(each, nowMs);
    if (lease !== undefined && this.#wasRecalled(grant)) this.#giveBack(lease, nowMs);
  }

  /** Takes in a lease that is held for one request. */
  adopt(held: HeldReservation, request: AdmitRequest, nowMs: number): void {
    const { path, worst: credit } = request;
    const { leaseId, organisationId, grantTimeMs } = held;
    // A pool by itself: nobody else is admitted from it.
    const pool = new LeasePool<OwnLease>(path.accounts[0]?.id ?? organisationId);
    pool.told(held.remaining, held.warnings, [path]);
    // It ends when the reservation does, whatever is heard of it.
    const never = { deadlineMs: Number.POSITIVE_INFINITY, keepAliveMs: Number.POSITIVE_INFINITY };
    const lease = new OwnLease(this.#terms({ leaseId, organisationId, grantTimeMs, credit, ...never, path }), pool, nowMs);
    this.#parts.leases.add(lease);
    this.#parts.admissions.adopt(request, lease);
  }

  /** Limits were revised: who waits stands where leases hang now, or a lease from above would pay for what is limited below it. */
  revise(organisationId: string, revision: bigint, nowMs: number): void {
    const { admissions, hangs } = this.#parts;
    if (!hangs.revise(organisationId, revision)) return;
    for (const pool of admissions.rerouteAll(organisationId, nowMs)) admissions.serve(pool, nowMs);
  }

  /** A lease is asked back; one that is not known may be on its way. */
  recall(leaseId: string, nowMs: number): void {
    const lease = this.#parts.leases.get(leaseId);
    if (lease === undefined) this.#parts.credit.recalledEarly(leaseId);
    else this.#giveBack(lease, nowMs);
  }

  /**
   * Takes the lease in where somebody waits for it, even one that was asked back on its way: whoever it was asked for is
   * served, and only the rest goes back. Else two gateways that both want the last of a budget would hand it to and fro.
   */
  #add(acquire: OwnAcquire, grant: Grant, pool: OwnPool, nowMs: number): OwnLease {
    const { leaseId, organisationId, grantTimeMs, credit } = grant;
    const deadlineMs = acquire.firstSentMs + grant.ttlMs;
    const keepAliveMs = Math.max(grant.ttlMs / 3, SHORTEST_KEEP_ALIVE_MS);
    const { path } = acquire;
    const lease = new OwnLease(this.#terms({ leaseId, organisationId, grantTimeMs, credit, deadlineMs, keepAliveMs, path }), pool, nowMs);
    this.#parts.leases.add(lease);
    pool.told(grant.remaining, grant.warnings, [path]);
    const isOutdated = this.#parts.hangs.isOutdated(organisationId, grant.limitsRevision);
    const isUsable = grant.state === "open" && !isOutdated && nowMs < deadlineMs;
    if (isUsable && this.#parts.admissions.isOpen && !pool.queue.isEmpty) pool.leases.push(lease);
    else this.#giveBack(lease, nowMs);
    return lease;
  }

  #wasRecalled({ leaseId, isRecalled }: Grant): boolean {
    return this.#parts.credit.wasRecalled(leaseId) || isRecalled;
  }

  /** Takes note of where the lease hangs; false where that does not hold any more. */
  #learn({ path }: OwnAcquire, { organisationId, accountId, limitsRevision }: Grant): boolean {
    const { hangs } = this.#parts;
    const isOnPath = path.accounts.some(({ id }) => id === accountId);
    if (!isOnPath || hangs.isOutdated(organisationId, limitsRevision)) return false;
    hangs.learn(path, accountId);
    return true;
  }

  #giveBack(lease: OwnLease, nowMs: number): void {
    lease.isRecalled = true;
    lease.close();
    this.#parts.settling.flushOne(lease, nowMs);
  }

  #terms(terms: Omit<LeaseTerms, "incarnation">): LeaseTerms {
    return { ...terms, incarnation: this.#parts.identity()?.incarnation ?? 0n };
  }
}
