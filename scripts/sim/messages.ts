import type { AcquireEffect, HelloEffect, SettleEffect } from "../../services/gateway/src/leases/effect.ts";
import type { Charge } from "../../services/gateway/src/domain/charge.ts";
import type { Denial, Grant, HeldReservation, SettledLease } from "../../services/gateway/src/leases/lease-input.ts";

/** What a gateway asks of the wallet, as the core words it. */
export type HelloMessage = HelloEffect;
export type AcquireMessage = AcquireEffect;
export type SettleMessage = SettleEffect;

/** Asks for a reservation of a gateway. */
export interface ReserveMessage {
  readonly requestId: string;
  readonly gatewayId: string;
  readonly incarnation: bigint;
  readonly leaf: number;
  readonly worst: Charge;
}

/** The wallet's answers. `unavailable` is what a call to a wallet that is down ends with. */
export type AcquireAnswer = { readonly type: "granted"; readonly grant: Grant } | DeniedAnswer | UnavailableAnswer;
export type ReserveAnswer = { readonly type: "reserved"; readonly reservation: HeldReservation } | DeniedAnswer | UnavailableAnswer;
export type SettleAnswer = { readonly type: "settled"; readonly results: readonly SettledLease[] } | UnavailableAnswer;

interface DeniedAnswer {
  readonly type: "denied";
  readonly denial: Denial;
}

export interface UnavailableAnswer {
  readonly type: "unavailable";
}

export const UNAVAILABLE: UnavailableAnswer = { type: "unavailable" };

/** What a watching gateway is told. */
export type LeaseNews =
  | { readonly type: "welcome"; readonly startId: string; readonly incarnation: bigint }
  | { readonly type: "superseded"; readonly startId: string }
  | { readonly type: "recalled"; readonly leaseIds: readonly string[] }
  | { readonly type: "limits-revised"; readonly organisationId: string; readonly revision: bigint }
  | { readonly type: "quiet" };
