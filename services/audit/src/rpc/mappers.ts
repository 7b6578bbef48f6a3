/** Between the wire and the chain: the only place where both are known. */
import { ChainFault, Event } from "@alfred/contracts";
import type { ChainedEvent, VerifyChainResponse } from "@alfred/contracts";

import type { Fault, StoredLink, Verdict } from "../domain/chain.ts";

const FAULTS: Readonly<Record<Fault, ChainFault>> = {
  changed: ChainFault.CHAIN_FAULT_CHANGED,
  missing: ChainFault.CHAIN_FAULT_MISSING,
  reordered: ChainFault.CHAIN_FAULT_REORDERED,
  cut_off: ChainFault.CHAIN_FAULT_CUT_OFF,
  rewritten: ChainFault.CHAIN_FAULT_REWRITTEN,
  checkpoint_broken: ChainFault.CHAIN_FAULT_CHECKPOINT_BROKEN,
};

/** Writes a link. Bytes that were tampered with may not be an event any more; they are shown all the same. */
export function writeLink(link: StoredLink): ChainedEvent {
  return {
    sequence: link.sequence,
    previousHash: Buffer.from(link.previousHash),
    hash: Buffer.from(link.hash),
    eventBytes: Buffer.from(link.bytes),
    event: decode(link.bytes),
    chainTime: link.chainTime,
  };
}

/** Writes what a verification found. */
export function writeVerdict({ verified, headHash, fault, checkpoints }: Verdict): VerifyChainResponse {
  return {
    whole: fault === undefined,
    verified,
    headHash: Buffer.from(headHash),
    fault: fault === undefined ? ChainFault.CHAIN_FAULT_UNSPECIFIED : FAULTS[fault.kind],
    faultSequence: fault?.sequence ?? 0n,
    checkpoints,
  };
}

function decode(bytes: Uint8Array): Event | undefined {
  try {
    return Event.decode(bytes);
  } catch {
    return undefined;
  }
}
