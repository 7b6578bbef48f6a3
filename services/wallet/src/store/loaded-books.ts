import type { Account } from "../domain/account.ts";
import type { Balance, BalanceKey } from "../domain/balance.ts";
import { balanceId, emptyBalance } from "../domain/balance.ts";
import type { View } from "../domain/draft.ts";
import type { Identity, StoredAnswer } from "../domain/identity.ts";
import { identityId } from "../domain/identity.ts";
import type { Lease } from "../domain/lease.ts";
import type { Calendar } from "../domain/window.ts";

/** What one batch read under its locks. Asking for a balance it did not load is a mistake, never a zero. */
export class LoadedBooks implements View {
  readonly calendar: Calendar;
  readonly #accounts: ReadonlyMap<string, Account>;
  readonly #leases: ReadonlyMap<string, Lease>;
  readonly #answers: ReadonlyMap<string, StoredAnswer>;
  readonly #balances: ReadonlyMap<string, Balance | undefined>;

  constructor(parts: {
    readonly calendar: Calendar;
    readonly accounts: ReadonlyMap<string, Account>;
    readonly leases: ReadonlyMap<string, Lease>;
    readonly answers: ReadonlyMap<string, StoredAnswer>;
    /** Every key that was asked for; undefined where nothing was ever booked. */
    readonly balances: ReadonlyMap<string, Balance | undefined>;
  }) {
    this.calendar = parts.calendar;
    this.#accounts = parts.accounts;
    this.#leases = parts.leases;
    this.#answers = parts.answers;
    this.#balances = parts.balances;
  }

  account(id: string): Account | undefined {
    return this.#accounts.get(id);
  }

  lease(id: string): Lease | undefined {
    return this.#leases.get(id);
  }

  answer(identity: Identity): StoredAnswer | undefined {
    return this.#answers.get(identityId(identity));
  }

  balance(key: BalanceKey): Balance {
    const id = balanceId(key);
    if (!this.#balances.has(id)) throw new Error(`the balance ${JSON.stringify(key)} was not loaded`);
    return this.#balances.get(id) ?? emptyBalance(key);
  }
}
