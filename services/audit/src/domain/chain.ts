/**
 * The hash chain, as audit.proto states it: a link's hash is SHA-256 over the previous link's hash (zeros for the
 * first), its own sequence number (8 bytes, big-endian) and the event's bytes. Pure, so that it verifies an export as
 * well as the database.
 */
import { createHash } from "node:crypto";

/** One link. `sequence` counts from 1 without a gap; hashes have 32 bytes. */
export interface Link {
  readonly sequence: bigint;
  readonly previousHash: Uint8Array;
  readonly hash: Uint8Array;
  readonly bytes: Uint8Array;
}

/** A link as it is stored: when it was chained. */
export interface StoredLink extends Link {
  readonly chainTime: Date;
}

/** Where a chain stands: the sequence and hash of its last link. */
export interface Head {
  readonly sequence: bigint;
  readonly hash: Uint8Array;
}

/** What can be wrong with a chain; see ChainFault in audit.proto. */
export type Fault = "changed" | "missing" | "reordered" | "cut_off" | "rewritten" | "checkpoint_broken";

/** What a verification found. */
export interface Verdict {
  readonly verified: bigint;
  readonly headHash: Uint8Array;
  readonly fault: { readonly kind: Fault; readonly sequence: bigint } | undefined;
  readonly checkpoints: bigint;
}

const ZEROS: Uint8Array = new Uint8Array(32);

/** The head of a chain without links. */
export const EMPTY: Head = { sequence: 0n, hash: ZEROS };

/** The hash of a link. */
function linkHash(previousHash: Uint8Array, sequence: bigint, bytes: Uint8Array): Buffer {
  const place = Buffer.alloc(8);
  place.writeBigInt64BE(sequence);
  return createHash("sha256").update(previousHash).update(place).update(bytes).digest();
}

/** The links that continue `head` with these events, in order. */
export function extend(head: Head, events: readonly Uint8Array[]): Link[] {
  let { sequence, hash } = head;
  return events.map((bytes) => {
    const previousHash = hash;
    sequence += 1n;
    hash = linkHash(previousHash, sequence, bytes);
    return { sequence, previousHash, hash, bytes };
  });
}

/**
 * Verifies a chain link by link, so that no chain needs to fit in memory. Feed `add` the links in the order of their
 * sequence until it returns false, then ask `verdict`. The first fault stands.
 */
export class ChainVerifier {
  #head: Head = EMPTY;
  #met = 0n;
  #fault: Verdict["fault"];

  /**
   * Verifies the next link and, where there is one for its sequence, its checkpoint; false where there is no use in
   * going on.
   */
  add(link: Link, checkpoint?: Uint8Array): boolean {
    this.#fault ??= this.#faultOf(link) ?? this.#differenceFrom(checkpoint, link);
    if (this.#fault !== undefined) return false;
    this.#head = { sequence: link.sequence, hash: link.hash };
    return true;
  }

  /**
   * What was found, once no links follow. `end` is the last sequence that the chain is known elsewhere to have reached.
   */
  verdict(end: bigint): Verdict {
    const { sequence, hash } = this.#head;
    if (sequence < end) this.#fault ??= { kind: "cut_off", sequence: sequence + 1n };
    return {
      verified: sequence,
      headHash: sequence === 0n ? new Uint8Array() : hash,
      fault: this.#fault,
      checkpoints: this.#met,
    };
  }

  // Continuity comes before content: a link in the wrong place has a hash that fails as well.
  #faultOf(link: Link): Verdict["fault"] {
    const next = this.#head.sequence + 1n;
    if (link.sequence !== next) return { kind: "missing", sequence: next };
    if (!same(link.previousHash, this.#head.hash)) return { kind: "reordered", sequence: next };
    return same(link.hash, linkHash(link.previousHash, next, link.bytes))
      ? undefined
      : { kind: "changed", sequence: next };
  }

  #differenceFrom(checkpoint: Uint8Array | undefined, link: Link): Verdict["fault"] {
    if (checkpoint === undefined) return undefined;
    this.#met += 1n;
    return same(checkpoint, link.hash) ? undefined : { kind: "rewritten", sequence: link.sequence };
  }
}

/**
 * Verifies links that are at hand, as from ListEvents, against checkpoints, if there are any. Needs nothing but them.
 */
export function verifyLinks(links: Iterable<Link>, checkpoints: readonly Head[] = []): Verdict {
  const bySequence = new Map(checkpoints.map((checkpoint) => [checkpoint.sequence, checkpoint.hash]));
  const verifier = new ChainVerifier();
  for (const link of links) {
    if (!verifier.add(link, bySequence.get(link.sequence))) break;
  }
  return verifier.verdict(checkpoints.reduce((most, { sequence }) => (sequence > most ? sequence : most), 0n));
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
