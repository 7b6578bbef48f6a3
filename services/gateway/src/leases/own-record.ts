import type { AccountPath } from "@alfred/contracts";
import type { Charge } from "../domain/charge.ts";
import type { RecordRef } from "./lease-input.ts";

/** Bytes of a note that says nothing. */
export const NO_NOTE = new Uint8Array(0);

/** One admission of this gateway, kept until the wallet has its cost and metering its note. */
export interface OwnRecord {
  readonly ref: RecordRef;
  readonly accountId: string;
  /** Undefined only where a damaged journal lost it. */
  readonly path: AccountPath | undefined;
  readonly worst: Charge;
  /** Undefined while its request is under way. */
  cost: Charge | undefined;
  readonly isIndeterminate: boolean;
  /** Of the intent, until there is an actual. */
  note: Uint8Array;
  /** Whether somebody waits for the wallet to have it. */
  isAwaited: boolean;
  /** Whether the wallet has it. */
  isSettled: boolean;
  /** Whether metering has its note. */
  isNoted: boolean;
}

/** A record under way. */
export function openRecord(ref: RecordRef, path: AccountPath, worst: Charge, note: Uint8Array): OwnRecord {
  const accountId = path.accounts[0]?.id ?? path.organisationId;
  return {
    ref, accountId, path, worst, note,
    cost: undefined, isIndeterminate: false, isAwaited: false, isSettled: false, isNoted: false,
  };
}
