import type { AccountPath, BudgetWarning } from "@alfred/contracts";
import type { Charge } from "../domain/charge.ts";
import type { Remaining } from "./lease-input.ts";
import { SpendRate } from "./spend-rate.ts";
import { WaitingQueue } from "./waiting-queue.ts";

/** What a pool needs to know of its leases. */
export interface PooledLease {
  /** What may still be admitted. */
  readonly free: Charge;
  /** Whether a request may be admitted: everything at once, or nothing. */
  canAdmit(worst: Charge, nowMs: number): boolean;
}

/** An acquire that is not answered yet. */
export interface PendingAcquire<Lease extends PooledLease> {
  readonly acquireId: string;
  readonly pool: LeasePool<Lease>;
  readonly path: AccountPath;
  readonly wanted: Charge;
  readonly minimum: Charge;
  /** The lease's deadline counts from here. */
  readonly firstSentMs: number;
  /** Until when the wallet may wait for others' money. */
  readonly waitUntilMs: number;
  /** The last request that came before it was sent. */
  readonly cutoff: number;
  /** When it is asked again; undefined while an answer is out. */
  retryAtMs: number | undefined;
  attempts: number;
}

/** What limits allow beside a lease that covers a request. */
export interface Covered {
  readonly remaining: Remaining;
  /** Soft limits on its path that are passed. */
  readonly warnings: readonly BudgetWarning[];
}

/**
 * Everything about one account that leases hang on: the leases, the requests that wait for one, and the acquire that is
 * under way for them. A leaf whose account is not known yet has a pool by itself.
 */
export class LeasePool<Lease extends PooledLease> {
  readonly accountId: string;
  /** Those that admit. Few: one that is too small for a waiting request closes. */
  readonly leases: Lease[] = [];
  readonly queue: WaitingQueue<LeasePool<Lease>> = new WaitingQueue<LeasePool<Lease>>(this);
  readonly rate: SpendRate = new SpendRate();
  acquire: PendingAcquire<Lease> | undefined;
  /** Soft limits that are passed, by account, as the wallet last said of each. */
  readonly #warnings = new Map<string, readonly BudgetWarning[]>();
  #remaining: Remaining = {};

  constructor(accountId: string) {
    this.accountId = accountId;
  }

  /** Whether nothing would be lost with it. */
  get isUnused(): boolean {
    return this.leases.length === 0 && this.queue.isEmpty && this.acquire === undefined;
  }

  /** What the limits still allow: what the wallet last said, and what is left of the leases here. */
  get remaining(): Remaining {
    const { nanos, tokens } = this.#remaining;
    if (nanos === undefined && tokens === undefined) return this.#remaining;
    const free = this.leases.map((lease) => lease.free);
    return {
      ...(nanos !== undefined && { nanos: free.reduce((sum, charge) => sum + charge.nanos, nanos) }),
      ...(tokens !== undefined && { tokens: free.reduce((sum, charge) => sum + charge.tokens, tokens) }),
    };
  }

  /** Takes over what the wallet said: what the limits allow, and which soft ones are passed along these paths. */
  told(remaining: Remaining, warnings: readonly BudgetWarning[], paths: readonly AccountPath[]): void {
    this.#remaining = remaining;
    for (const { accounts } of paths) for (const { id } of accounts) this.#warnings.delete(id);
    for (const [accountId, own] of Map.groupBy(warnings, (warning) => warning.accountId)) this.#warnings.set(accountId, own);
  }

  /** The soft limits along a path that are passed. What others spent below is not for its caller. */
  warningsFor({ accounts }: AccountPath): readonly BudgetWarning[] {
    return accounts.flatMap(({ id }) => this.#warnings.get(id) ?? []);
  }

  /** A lease that covers a request, the oldest first. */
  leaseFor(worst: Charge, nowMs: number): Lease | undefined {
    return this.leases.find((lease) => lease.canAdmit(worst, nowMs));
  }

  /** What a request would be told that a lease covers now; undefined where none does, or others wait for one. */
  covered(path: AccountPath, worst: Charge, nowMs: number): Covered | undefined {
    const isCovered = this.queue.isEmpty && this.leaseFor(worst, nowMs) !== undefined;
    return isCovered ? { remaining: this.remaining, warnings: this.warningsFor(path) } : undefined;
  }

  remove(lease: Lease): void {
    const index = this.leases.indexOf(lease);
    if (index >= 0) this.leases.splice(index, 1);
  }
}
