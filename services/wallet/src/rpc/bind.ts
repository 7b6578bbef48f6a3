import { WalletServiceService } from "@alfred/contracts";
import { implement } from "@alfred/rpc";
import type { ServiceBinding } from "@alfred/rpc";
import type { AccountArrivals, AccountChanges, Accounts, Operations, ReservationCounter, Transfers } from "../domain/ports.ts";
import { handleCreateAccount } from "./create-account.ts";
import { handleGetAccount } from "./get-account.ts";
import { handleListTransfers } from "./list-transfers.ts";
import { handleRefund } from "./refund.ts";
import { handleReserve } from "./reserve.ts";
import { handleSetLimit } from "./set-limit.ts";
import { handleSettle } from "./settle.ts";
import { handleWatchAccount } from "./watch-account.ts";

/** What the handlers work with. */
export interface WalletHandlerParts {
  readonly operations: Operations;
  readonly accounts: Accounts;
  readonly arrivals: AccountArrivals;
  readonly transfers: Transfers;
  readonly changes: AccountChanges;
  readonly counter: ReservationCounter;
  readonly now: () => number;
}

/** WalletService, one handler per RPC. */
export function bindWallet(parts: WalletHandlerParts): ServiceBinding {
  const { operations } = parts;
  return implement(WalletServiceService, {
    reserve: (request, context) => handleReserve(parts, request, context),
    settle: (request, context) => handleSettle(operations, request, context),
    refund: (request, context) => handleRefund(operations, request, context),
    createAccount: (request, context) => handleCreateAccount(operations, request, context),
    getAccount: (request, context) => handleGetAccount(parts, request, context),
    setLimit: (request, context) => handleSetLimit(parts, request, context),
    listTransfers: (request, context) => handleListTransfers(parts, request, context),
    watchAccount: (request, context) => handleWatchAccount(parts, request, context),
  });
}
