import { hash, timingSafeEqual } from "node:crypto";
import type { HashedKey, Key, Node, WatchKeysResponse } from "@alfred/contracts";
import { fail } from "@alfred/errors";
import type { AlfredError } from "@alfred/errors";
import { Arrivals } from "./arrivals.ts";
import { principalOfKey, servicePrincipal } from "../call/principal.ts";
import type { Authenticator, Principal } from "../call/principal.ts";

/** An event of WatchKeys. */
export type KeyEvent = NonNullable<WatchKeysResponse["event"]>;

/** What a ring is made of. */
export interface KeyRingOptions {
  /** `ALFRED_SERVICE_TOKEN`; whoever sends it is a peer. Without it nobody is. */
  readonly serviceToken?: string | undefined;
  /** Milliseconds since the epoch; the system's clock by default. */
  readonly now?: () => number;
  /**
   * After so long without word from the directory no key is trusted, since a revocation might have been missed;
   * default 60,000 ms, Infinity in the directory itself.
   */
  readonly staleAfterMs?: number;
}

interface Entry {
  readonly key: Key;
  readonly principal: Principal;
}

const STALE_AFTER_MS = 60_000;

/** All keys of the installation in memory, by the hash of their secret, as WatchKeys tells of them. */
export class KeyRing {
  /** Resolves at the first `synced`; until then only peers are let in. */
  readonly ready: Promise<void>;
  readonly #serviceHash: Buffer | undefined;
  readonly #now: () => number;
  readonly #staleAfterMs: number;
  readonly #listeners = { key: new Set<(key: Key) => void>(), node: new Set<(node: Node) => void>() };
  readonly #arrivals = new Arrivals();
  readonly #isReady = Promise.withResolvers<void>();
  #entries = new Map<string, Entry>();
  #snapshot: Map<string, Entry> | undefined;
  #hasSynced = false;
  #heardAt = Number.NEGATIVE_INFINITY;

  constructor(options: KeyRingOptions = {}) {
    const { serviceToken, now = Date.now, staleAfterMs = STALE_AFTER_MS } = options;
    this.#serviceHash = serviceToken ? Buffer.from(hash("sha256", serviceToken)) : undefined;
    this.#now = now;
    this.#staleAfterMs = staleAfterMs;
    this.ready = this.#isReady.promise;
  }

  /** How many keys are known, revoked ones included. */
  get size(): number {
    return this.#entries.size;
  }

  /** Whether keys can be trusted now: synced, and heard of lately. */
  get isFresh(): boolean {
    return this.#hasSynced && this.#now() - this.#heardAt <= this.#staleAfterMs;
  }

  /** Takes an event of WatchKeys. A new snapshot replaces what was known once it is complete. */
  apply(event: KeyEvent): void {
    this.#heardAt = this.#now();
    switch (event.$case) {
      case "snapshotStarted":
        this.#snapshot = new Map();
        return;
      case "key":
        this.#put(event.value);
        return;
      case "node":
        for (const listener of this.#listeners.node) listener(event.value);
        return;
      case "synced":
        this.#sync();
    }
  }

  /** Hears of every key as it comes, also in snapshots, so of one key many times. Returns how to stop hearing. */
  onKey(listener: (key: Key) => void): () => void {
    this.#listeners.key.add(listener);
    return () => this.#listeners.key.delete(listener);
  }

  /** Hears of every node as it comes, as `onKey` of keys. */
  onNode(listener: (node: Node) => void): () => void {
    this.#listeners.node.add(listener);
    return () => this.#listeners.node.delete(listener);
  }

  /**
   * Who sends this token. A bound function, to be handed to `createServer` as it is. A key that is not known is
   * waited for a moment, since it may have been made just now.
   * @throws AlfredError KEY_MISSING, KEY_INVALID, KEY_REVOKED, KEY_EXPIRED; UNAVAILABLE while keys cannot be trusted
   */
  readonly authenticate: Authenticator = (token) => {
    if (token === undefined || token === "") throw fail("KEY_MISSING", "No key was sent.");
    const id = hash("sha256", token);
    const isKnown = this.#entries.has(id);
    if (!isKnown && this.#isService(id)) return servicePrincipal();
    if (!this.isFresh) throw fail("UNAVAILABLE", "The keys are not known at the moment.");
    return isKnown ? this.#admit(id) : this.#arrivals.wait(id).then(() => this.#admit(id));
  };

  #isService(id: string): boolean {
    return this.#serviceHash !== undefined && timingSafeEqual(Buffer.from(id), this.#serviceHash);
  }

  #admit(id: string): Principal {
    const entry = this.#entries.get(id);
    if (entry === undefined) throw fail("KEY_INVALID", "The key is not known.");
    const refusal = refusalOf(entry.key, this.#now());
    if (refusal !== undefined) throw refusal;
    return entry.principal;
  }

  #put({ key, secretSha256 }: HashedKey): void {
    if (key === undefined) return;
    const id = secretSha256.toString("hex");
    const entry = { key, principal: principalOfKey(key) };
    // During a snapshot both are kept up to date: a revocation must not wait for the rest of it.
    this.#snapshot?.set(id, entry);
    if (this.#snapshot === undefined || this.#entries.has(id)) this.#entries.set(id, entry);
    if (this.#entries.has(id)) this.#arrivals.arrived(id);
    for (const listener of this.#listeners.key) listener(key);
  }

  #sync(): void {
    this.#entries = this.#snapshot ?? this.#entries;
    this.#snapshot = undefined;
    this.#hasSynced = true;
    this.#isReady.resolve();
  }
}

function refusalOf(key: Key, now: number): AlfredError | undefined {
  if (key.revokeTime !== undefined) {
    return fail("KEY_REVOKED", "The key was revoked.", { metadata: { revoked_at: key.revokeTime.toISOString() } });
  }
  if (key.expireTime !== undefined && key.expireTime.getTime() <= now) {
    return fail("KEY_EXPIRED", "The key has expired.", { metadata: { expired_at: key.expireTime.toISOString() } });
  }
  return undefined;
}
