import type { Account } from "../domain/account.ts";
import type { Balance, BalanceKey } from "../domain/balance.ts";
import { balanceId, emptyBalance } from "../domain/balance.ts";
import type { View } from "../domain/draft.ts";
import type { Gateway } from "../domain/gateway.ts";
import type { Identity, StoredAnswer } from "../domain/identity.ts";
import { identityId } from "../domain/identity.ts";
import type { Lease } from "../domain/lease.ts";
import type { Calendar } from "../domain/window.ts";
import type { LockedGateways } from "./gateways.ts";
import type { LockedOrganisations } from "./organisations.ts";

/** What a batch read. */
export interface BooksRead {
  readonly calendar: Calendar;
  readonly grantsFromMs: number;
  readonly gateways: LockedGateways;
  readonly organisations: LockedOrganisations;
  readonly accounts: ReadonlyMap<string, Account>;
  readonly leases: ReadonlyMap<string, Lease>;
  /** The gateways of which all leases that are not closed are among `leases`. */
  readonly wholeGateways: ReadonlySet<string>;
  readonly answers: ReadonlyMap<string, StoredAnswer>;
  /** Every key that was asked for; undefined where nothing was ever booked. */
  readonly balances: ReadonlyMap<string, Balance | undefined>;
}

/** What one batch read under its locks. Asking for a balance it did not load is a mistake, never a zero. */
export class LoadedBooks implements View {
  readonly calendar: Calendar;
  readonly grantsFromMs: number;
  readonly #read: BooksRead;

  constructor(read: BooksRead) {
    this.calendar = read.calendar;
    this.grantsFromMs = read.grantsFromMs;
    this.#read = read;
  }

  account(id: string): Account | undefined {
    return this.#read.accounts.get(id);
  }

  lease(id: string): Lease | undefined {
    return this.#read.leases.get(id);
  }

  /** The gateway, unless it never said hello. */
  gateway(id: string): Gateway | undefined {
    const gateway = this.#read.gateways.get(id);
    return gateway === undefined || gateway.incarnation === 0n ? undefined : gateway;
  }

  leasesOfGateway(id: string): readonly Lease[] {
    if (!this.#read.wholeGateways.has(id)) throw new Error(`the leases of ${id} were not loaded`);
    const leases = [...this.#read.leases.values()].filter(({ gatewayId, state }) => gatewayId === id && state !== "closed");
    return leases.toSorted((one, other) => (one.id < other.id ? -1 : 1));
  }

  limitsRevision(organisationId: string): bigint {
    return this.#read.organisations.get(organisationId)?.limitsRevision ?? 0n;
  }

  answer(identity: Identity): StoredAnswer | undefined {
    return this.#read.answers.get(identityId(identity));
  }

  balance(key: BalanceKey): Balance {
    const id = balanceId(key);
    if (!this.#read.balances.has(id)) throw new Error(`the balance ${JSON.stringify(key)} was not loaded`);
    return this.#read.balances.get(id) ?? emptyBalance(key);
  }
}
