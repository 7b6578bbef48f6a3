import type { Account } from "./account.ts";
import type { Balance, BalanceKey } from "./balance.ts";
import { balanceId, emptyBalance } from "./balance.ts";
import type { View } from "./draft.ts";
import { Draft } from "./draft.ts";
import type { WalletEvent } from "./event.ts";
import type { Gateway } from "./gateway.ts";
import type { Identity, StoredAnswer } from "./identity.ts";
import { identityId } from "./identity.ts";
import { OperationJob } from "./job.ts";
import type { Lease } from "./lease.ts";
import type { Operation } from "./operation.ts";
import type { Outcome } from "./refusal.ts";
import type { Transfer } from "./transfer.ts";
import { createCalendar } from "./window.ts";

/** Books without anything in them. */
export const EMPTY_BOOKS: View = {
  calendar: createCalendar(),
  grantsFromMs: 0,
  account: () => undefined,
  lease: () => undefined,
  gateway: () => undefined,
  leasesOfGateway: () => [],
  limitsRevision: () => 0n,
  answer: () => undefined,
  balance: emptyBalance,
};

/** A lease that was asked back, and whose gateway is to be told. */
export type Recall = Pick<Lease, "id" | "gatewayId">;

/** What the latest operation did besides its outcome, for those who wait and watch. */
export interface MemoryCommit {
  /** Accounts at which something came back. */
  readonly freed: ReadonlySet<string>;
  readonly recalled: readonly Recall[];
  /** By organisation the revision of its limits, where gateways are to be told. */
  readonly limitsRevised: ReadonlyMap<string, bigint>;
  readonly events: readonly WalletEvent[];
}

const NOTHING_DONE: MemoryCommit = { freed: new Set(), recalled: [], limitsRevised: new Map(), events: [] };

/** The whole ledger in memory, one commit per operation: what tests and the simulator run the pure core on. */
export class MemoryBooks implements View {
  readonly calendar = createCalendar();
  grantsFromMs = 0;
  readonly accounts = new Map<string, Account>();
  readonly leases = new Map<string, Lease>();
  readonly gateways = new Map<string, Gateway>();
  readonly balances = new Map<string, Balance>();
  readonly answers = new Map<string, StoredAnswer>();
  readonly transfers: Transfer[] = [];
  readonly events: WalletEvent[] = [];
  /** The id of a lease for each time that it was written, and of a balance: what changed since somebody last looked. */
  readonly leaseLog: string[] = [];
  readonly balanceLog: string[] = [];
  readonly #revisions = new Map<string, bigint>();
  readonly #unclosed = new LeaseIndex(({ state, gatewayId }) => (state === "closed" || gatewayId === "" ? [] : [gatewayId]));
  readonly #recallable = new LeaseIndex((lease) => (isRecallable(lease) ? lease.path : []));
  #last: MemoryCommit = NOTHING_DONE;

  get last(): MemoryCommit {
    return this.#last;
  }

  /** Decides an operation and takes over what it drafted, or nothing of it. Throws what deciding threw. */
  run<T>(operation: Operation<T>, nowMs: number): Outcome<T> {
    const job = new OperationJob(operation);
    const draft = new Draft(this);
    job.run(draft, nowMs);
    const freed = draft.freed();
    this.#absorb(draft);
    const recalled = this.#recall(draft);
    this.#last = { freed, recalled, limitsRevised: draft.limitsRevised, events: draft.events };
    return job.outcome();
  }

  account(id: string): Account | undefined {
    return this.accounts.get(id);
  }

  lease(id: string): Lease | undefined {
    return this.leases.get(id);
  }

  gateway(id: string): Gateway | undefined {
    return this.gateways.get(id);
  }

  leasesOfGateway(id: string): readonly Lease[] {
    return this.#unclosed.of(id).flatMap((leaseId) => this.leases.get(leaseId) ?? []);
  }

  limitsRevision(organisationId: string): bigint {
    return this.#revisions.get(organisationId) ?? 0n;
  }

  balance(key: BalanceKey): Balance {
    return this.balances.get(balanceId(key)) ?? emptyBalance(key);
  }

  answer(identity: Identity): StoredAnswer | undefined {
    return this.answers.get(identityId(identity));
  }

  /** Open leases whose time ended at `nowMs` or before, the oldest first: those to be suspended. */
  expired(nowMs: number): Lease[] {
    const open = [...this.leases.values()].filter(({ state, expireTimeMs }) => state === "open" && expireTimeMs <= nowMs);
    return open.toSorted((one, other) => one.expireTimeMs - other.expireTimeMs);
  }

  #absorb(draft: Draft): void {
    for (const [id, account] of draft.accounts) this.accounts.set(id, account);
    for (const lease of draft.leases.values()) this.#putLease(lease);
    for (const [id, gateway] of draft.gateways) this.gateways.set(id, gateway);
    for (const [id, balance] of draft.balances) {
      this.balances.set(id, balance);
      this.balanceLog.push(id);
    }
    for (const [id, answer] of draft.answers) this.answers.set(id, answer);
    for (const [id, revision] of draft.limitsRevised) this.#revisions.set(id, revision);
    this.transfers.push(...draft.transfers);
    this.events.push(...draft.events);
  }

  #putLease(lease: Lease): void {
    this.leases.set(lease.id, lease);
    this.leaseLog.push(lease.id);
    this.#unclosed.put(lease);
    this.#recallable.put(lease);
  }

  #recall(draft: Draft): Recall[] {
    const under = [...draft.recalls].flatMap((accountId) => this.#recallable.of(accountId));
    const above = [...draft.recallsAbove].flatMap((accountId) => this.#hangingAbove(accountId));
    return [...new Set([...under, ...above])].flatMap((id) => {
      const lease = this.leases.get(id);
      if (lease === undefined) return [];
      this.#putLease({ ...lease, isRecalled: true });
      return [{ id, gatewayId: lease.gatewayId }];
    });
  }

  #hangingAbove(accountId: string): string[] {
    const ancestors = this.accounts.get(accountId)?.path.slice(1) ?? [];
    return ancestors.flatMap((ancestor) => this.#recallable.of(ancestor).filter((id) => this.leases.get(id)?.accountId === ancestor));
  }
}

function isRecallable({ state, gatewayId, isRecalled }: Lease): boolean {
  return state === "open" && gatewayId !== "" && !isRecalled;
}

/** Finds leases by what they have in common, in the order in which they came. */
class LeaseIndex {
  readonly #keysOf: (lease: Lease) => readonly string[];
  readonly #ids = new Map<string, Set<string>>();
  readonly #keys = new Map<string, readonly string[]>();

  constructor(keysOf: (lease: Lease) => readonly string[]) {
    this.#keysOf = keysOf;
  }

  of(key: string): string[] {
    return [...(this.#ids.get(key) ?? [])];
  }

  put(lease: Lease): void {
    const keys = this.#keysOf(lease);
    const before = this.#keys.get(lease.id) ?? [];
    if (keys.length === before.length && keys.every((key) => before.includes(key))) return;
    for (const key of before) this.#ids.get(key)?.delete(lease.id);
    for (const key of keys) this.#ids.set(key, (this.#ids.get(key) ?? new Set<string>()).add(lease.id));
    this.#keys.set(lease.id, keys);
  }
}
