import type { Account, AccountState } from "./account.ts";
import type { Lease } from "./lease.ts";
import type { Operation } from "./operation.ts";
import type { Transfer } from "./transfer.ts";

/** Where operations are handed in. */
export interface Operations {
  /**
   * Runs an operation in the next batch and answers once it is committed.
   * @throws AlfredError its refusal; OVERLOADED; UNAVAILABLE where the database failed; CANCELLED by the signal
   */
  submit<T>(operation: Operation<T>, signal?: AbortSignal): Promise<T>;
}

/** Where accounts are looked at, without a lock. */
export interface Accounts {
  find(id: string): Promise<Account | undefined>;
  /** Where accounts stand now; those that do not exist are left out. */
  read(ids: readonly string[]): Promise<ReadonlyMap<string, AccountState>>;
}

/** A page of transfers, newest first. */
export interface TransferPage {
  readonly transfers: readonly Transfer[];
  /** The number to go on below; undefined where no more follow. */
  readonly nextBelow: bigint | undefined;
}

/** Where transfers are looked at. */
export interface Transfers {
  /** The newest transfers of an account and all below it, those with a number below `below` only. */
  list(account: Account, page: { readonly size: number; readonly below: bigint | undefined }): Promise<TransferPage>;
}

/** Where leases are looked at, without a lock. */
export interface Leases {
  /** Open leases whose time ended at `nowMs` or before, the oldest first. */
  expired(nowMs: number, most: number): Promise<ReadonlyArray<Pick<Lease, "id" | "organisationId">>>;
}

/** Where to wait for accounts that the directory has made and whose news is on its way here. */
export interface AccountArrivals {
  /** Begins to listen, so that looking and then waiting misses nothing. */
  expect(id: string): AccountArrival;
}

export interface AccountArrival extends Disposable {
  /**
   * Resolves once the account was told of since `expect`, at the latest after `timeoutMs`, at once where too many wait
   * already. Rejects with the signal.
   */
  within(timeoutMs: number, signal: AbortSignal): Promise<void>;
}

/** Where changes of accounts are heard of, those made by other processes too. */
export interface AccountChanges {
  /**
   * The account's state, then each new one, at most ten a second and only the latest; "idle" where it stayed the same
   * for some seconds. Ends with the signal.
   * @throws AlfredError OVERLOADED where too many watch already
   */
  states(accountId: string, signal: AbortSignal): AsyncIterable<AccountState | "idle">;
}

/** What a reservation came to: "granted", "replayed", or the reason why not in lower case. */
export interface ReservationCounter {
  reserved(result: string): void;
}
