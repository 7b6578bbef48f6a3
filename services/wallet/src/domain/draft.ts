import type { Account } from "./account.ts";
import type { Amount } from "./amount.ts";
import type { Balance, BalanceChange, BalanceKey } from "./balance.ts";
import { balanceId, changeBalance } from "./balance.ts";
import type { LimitChange, WalletEvent } from "./event.ts";
import type { Answer, Identity, StoredAnswer } from "./identity.ts";
import { identityId } from "./identity.ts";
import type { Lease } from "./lease.ts";
import type { Transfer } from "./transfer.ts";
import type { Calendar, WindowStarts, Windows } from "./window.ts";
import { PERIODS } from "./window.ts";

/** The books as they can be read. */
export interface View {
  readonly calendar: Calendar;
  account(id: string): Account | undefined;
  lease(id: string): Lease | undefined;
  /** The balance, all zero where nothing was ever booked. Throws for one that was not loaded. */
  balance(key: BalanceKey): Balance;
  answer(identity: Identity): StoredAnswer | undefined;
}

/**
 * Changes on top of a view, which stays as it is: the next state of the books. Drafts stack: an operation drafts on
 * its batch's draft, and is absorbed or dropped as a whole.
 */
export class Draft implements View {
  readonly calendar: Calendar;
  readonly accounts = new Map<string, Account>();
  readonly leases = new Map<string, Lease>();
  readonly balances = new Map<string, Balance>();
  readonly answers = new Map<string, StoredAnswer>();
  readonly opened: Account[] = [];
  readonly limitChanges: LimitChange[] = [];
  readonly transfers: Transfer[] = [];
  readonly events: WalletEvent[] = [];
  readonly #base: View;

  constructor(base: View) {
    this.#base = base;
    this.calendar = base.calendar;
  }

  account(id: string): Account | undefined {
    return this.accounts.get(id) ?? this.#base.account(id);
  }

  lease(id: string): Lease | undefined {
    return this.leases.get(id) ?? this.#base.lease(id);
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
    for (const { unit, period, hard } of account.limits) {
      this.limitChanges.push({ accountId: account.id, unit, period, hardBefore: undefined, hardAfter: hard });
    }
  }

  changeLimit(account: Account, change: LimitChange): void {
    this.accounts.set(account.id, account);
    this.limitChanges.push(change);
  }

  putLease(lease: Lease): void {
    this.leases.set(lease.id, lease);
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

  /** Takes over what was drafted on top of this draft. */
  absorb(next: Draft): void {
    merge(this.accounts, next.accounts);
    merge(this.leases, next.leases);
    merge(this.balances, next.balances);
    merge(this.answers, next.answers);
    this.opened.push(...next.opened);
    this.limitChanges.push(...next.limitChanges);
    this.transfers.push(...next.transfers);
    this.events.push(...next.events);
  }
}

function merge<V>(into: Map<string, V>, from: ReadonlyMap<string, V>): void {
  for (const [key, value] of from) into.set(key, value);
}
