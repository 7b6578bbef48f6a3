import { WalletServiceService } from "@alfred/contracts";
import { implement } from "@alfred/rpc";
import type { ServiceBinding } from "@alfred/rpc";
import type { AccountArrivals, AccountChanges, Accounts, Operations, ReservationCounter, Transfers } from "../domain/ports.ts";
import type { Lease } from "../domain/lease.ts";
import type { LedgerVerifier } from "../domain/ledger-fault.ts";
import type { SuspendedLeases } from "../domain/suspense-page.ts";
import type { GatewayWatches } from "../gateway-watches.ts";
import type { LeaseDesk } from "../lease-desk.ts";
import { handleAcquireLease } from "./acquire-lease.ts";
import { handleCloseLease } from "./close-lease.ts";
import { handleCreateAccount } from "./create-account.ts";
import { handleGetAccount } from "./get-account.ts";
import { handleListSuspense } from "./list-suspense.ts";
import { handleListTransfers } from "./list-transfers.ts";
import { handleRefund } from "./refund.ts";
import { handleReserve } from "./reserve.ts";
import { handleSetLimit } from "./set-limit.ts";
import { handleSettle } from "./settle.ts";
import { handleSettleUsage } from "./settle-usage.ts";
import { handleVerifyLedger } from "./verify-ledger.ts";
import { handleWatchAccount } from "./watch-account.ts";
import { handleWatchLeases } from "./watch-leases.ts";

/** What the handlers work with. */
export interface WalletHandlerParts {
  readonly operations: Operations;
  readonly accounts: Accounts;
  readonly arrivals: AccountArrivals;
  readonly transfers: Transfers;
  readonly changes: AccountChanges;
  readonly counter: ReservationCounter & { acquired(result: string): void };
  readonly leases: { find(id: string): Promise<Lease | undefined> };
  readonly suspense: SuspendedLeases;
  readonly audit: LedgerVerifier;
  readonly desk: LeaseDesk;
  readonly gateways: GatewayWatches;
  readonly leaseTtlMs: number;
  readonly leaseGraceMs: number;
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
    watchLeases: (request, context) => handleWatchLeases(parts, request, context),
    acquireLease: (request, context) => handleAcquireLease(parts, request, context),
    settleUsage: (request, context) => handleSettleUsage(parts, request, context),
    closeLease: (request, context) => handleCloseLease(parts, request, context),
    listSuspense: (request, context) => handleListSuspense(parts, request, context),
    verifyLedger: (request, context) => handleVerifyLedger(parts, request, context),
    watchAccount: (request, context) => handleWatchAccount(parts, request, context),
  });
}
