import type { Account, Limit } from "./account.ts";
import type { Amount } from "./amount.ts";
import type { Balance, BalanceChange, BalanceKey } from "./balance.ts";
import { balanceId, changeBalance, used } from "./balance.ts";
import type { LimitChange, WalletEvent } from "./event.ts";
import type { Gateway } from "./gateway.ts";
import type { Answer, Identity, StoredAnswer } from "./identity.ts";
import { identityId } from "./identity.ts";
import type { Lease } from "./lease.ts";
import type { Transfer } from "./transfer.ts";
import type { Calendar, WindowStarts, Windows } from "./window.ts";
import { PERIODS } from "./window.ts";

/** The books as they can be read. */
export interface View {
  readonly calendar: Calendar;
  /** Nothing is granted before this moment: after a failover grants may be missing in the books. 0 where none happened. */
  readonly grantsFromMs: number;
  account(id: string): Account | undefined;
  lease(id: string): Lease | undefined;
  gateway(id: string): Gateway | undefined;
  /** The leases of a gateway that are not closed, in the order of their ids. Throws where they were not loaded. */
  leasesOfGateway(id: string): readonly Lease[];
  /** Rises with every account of the organisation that gets its first hard limit for a unit, or loses its last; from 0. */
  limitsRevision(organisationId: string): bigint;
  /** The balance, all zero where nothing was ever booked. Throws for one that was not loaded. */
  balance(key: BalanceKey): Balance;
  answer(identity: Identity): StoredAnswer | undefined;
}

/** A balance that came to its account's soft limit. */
export interface SoftCrossing {
  readonly balance: Balance;
  readonly soft: bigint;
}

/**
 * Changes on top of a view, which stays as it is: the next state of the books. Drafts stack: an operation drafts on
 * its batch's draft, and is absorbed or dropped as a whole.
 */
export class Draft implements View {
  readonly calendar: Calendar;
  readonly grantsFromMs: number;
  readonly accounts = new Map<string, Account>();
  readonly leases = new Map<string, Lease>();
  readonly gateways = new Map<string, Gateway>();
  readonly balances = new Map<string, Balance>();
  readonly answers = new Map<string, StoredAnswer>();
  readonly opened: Account[] = [];
  readonly limitChanges: LimitChange[] = [];
  /** By organisation the revision of its limits, where it rose or a limit was raised: what gateways are told. */
  readonly limitsRevised = new Map<string, bigint>();
  /** Accounts under which every open lease of a gateway is asked back once all else is written. */
  readonly recalls = new Set<string>();
  /** Accounts of which every open lease that hangs on one strictly above is asked back once all else is written. */
  readonly recallsAbove = new Set<string>();
  readonly transfers: Transfer[] = [];
  readonly events: WalletEvent[] = [];
  /** What operations that were absorbed freed, whatever others took since. */
  readonly #freed = new Set<string>();
  readonly #base: View;

  constructor(base: View) {
    this.#base = base;
    this.calendar = base.calendar;
    this.grantsFromMs = base.grantsFromMs;
  }

  account(id: string): Account | undefined {
    return this.accounts.get(id) ?? this.#base.account(id);
  }

  lease(id: string): Lease | undefined {
    return this.leases.get(id) ?? this.#base.lease(id);
  }

  gateway(id: string): Gateway | undefined {
    return this.gateways.get(id) ?? this.#base.gateway(id);
  }

  leasesOfGateway(id: string): readonly Lease[] {
    const leases = new Map(this.#base.leasesOfGateway(id).map((lease) => [lease.id, lease]));
    for (const lease of this.leases.values()) if (lease.gatewayId === id) leases.set(lease.id, lease);
    const unclosed = [...leases.values()].filter(({ state }) => state !== "closed");
    return unclosed.toSorted((one, other) => (one.id < other.id ? -1 : 1));
  }

  limitsRevision(organisationId: string): bigint {
    return this.limitsRevised.get(organisationId) ?? this.#base.limitsRevision(organisationId);
  }

  balance(key: BalanceKey): Balance {
    return this.balances.get(balanceId(key)) ?? this.#base.balance(key);
  }

  answer(identity: Identity): StoredAnswer | undefined {
    return this.answers.get(identityId(identity)) ?? this.#base.answer(identity);
  }

  /** The windows of a moment in the time zone of an account's organisation. */
  windows(organisationId: string, nowMs: number): Windows {
    return this.calendar(this.account(organisationId)?.timeZone ?? "UTC", nowMs);
  }

  open(account: Account): void {
    this.accounts.set(account.id, account);
    this.opened.push(account);
    for (const limit of account.limits) this.limitChanges.push(firstLimit(account.id, limit));
  }

  changeLimit(account: Account, change: LimitChange): void {
    this.accounts.set(account.id, account);
    this.limitChanges.push(change);
  }

  /** Has gateways told that limits changed; `rises` where leases may hang on other accounts now. */
  reviseLimits(organisationId: string, rises: boolean): void {
    this.limitsRevised.set(organisationId, this.limitsRevision(organisationId) + (rises ? 1n : 0n));
  }

  putLease(lease: Lease): void {
    this.leases.set(lease.id, lease);
  }

  putGateway(gateway: Gateway): void {
    this.gateways.set(gateway.id, gateway);
  }

  /** Asks back every open lease of a gateway at or below an account, each once. */
  recall(accountId: string): void {
    this.recalls.add(accountId);
  }

  /** Asks back every open lease of a gateway that hangs strictly above an account, each once. */
  recallAbove(accountId: string): void {
    this.recallsAbove.add(accountId);
  }

  /** Books a change on every account of a path, in each of the four windows. */
  book(path: readonly string[], starts: WindowStarts, unit: Amount["unit"], change: BalanceChange): void {
    for (const accountId of path) {
      for (const period of PERIODS) {
        const key = { accountId, unit, period, periodStartMs: starts[period] };
        this.balances.set(balanceId(key), changeBalance(this.balance(key), change));
      }
    }
  }

  record(transfer: Transfer): void {
    this.transfers.push(transfer);
  }

  tell(event: WalletEvent): void {
    this.events.push(event);
  }

  remember(identity: Identity, answer: Answer): void {
    this.answers.set(identityId(identity), { identity, answer });
  }

  /**
   * The accounts of which something was given back, of any unit: who waits for them may try again. Told of each operation,
   * since one that found too little left may stand between one that takes and one that gives back.
   */
  freed(): Set<string> {
    const freed = new Set(this.#freed);
    for (const balance of this.balances.values()) {
      if (used(balance) < used(this.#base.balance(balance))) freed.add(balance.accountId);
    }
    for (const { accountId, hardBefore, hardAfter } of this.limitChanges) {
      if (hardBefore !== undefined && (hardAfter === undefined || hardAfter > hardBefore)) freed.add(accountId);
    }
    return freed;
  }

  /** The soft limits that more than before is posted at or above, of what the view beneath has. */
  crossings(): SoftCrossing[] {
    return [...this.balances.values()].flatMap((balance) => {
      const limits = this.account(balance.accountId)?.limits ?? [];
      const soft = limits.find(({ unit, period }) => unit === balance.unit && period === balance.period)?.soft;
      const isPassed = soft !== undefined && balance.posted >= soft && this.#base.balance(balance).posted < soft;
      return isPassed ? [{ balance, soft }] : [];
    });
  }

  /** Takes over what was drafted on top of this draft. */
  absorb(next: Draft): void {
    for (const accountId of next.freed()) this.#freed.add(accountId);
    merge(this.accounts, next.accounts);
    merge(this.leases, next.leases);
    merge(this.gateways, next.gateways);
    merge(this.balances, next.balances);
    merge(this.answers, next.answers);
    merge(this.limitsRevised, next.limitsRevised);
    for (const accountId of next.recalls) this.recalls.add(accountId);
    for (const accountId of next.recallsAbove) this.recallsAbove.add(accountId);
    this.opened.push(...next.opened);
    this.limitChanges.push(...next.limitChanges);
    this.transfers.push(...next.transfers);
    this.events.push(...next.events);
  }
}

function firstLimit(accountId: string, { unit, period, hard, soft, clamp }: Limit): LimitChange {
  const before = { hardBefore: undefined, softBefore: undefined, clampBefore: false };
  return { accountId, unit, period, ...before, hardAfter: hard, softAfter: soft, clampAfter: clamp };
}

function merge<V>(into: Map<string, V>, from: ReadonlyMap<string, V>): void {
  for (const [key, value] of from) into.set(key, value);
}
