import type { AccountPath } from "@alfred/contracts";
import { AccountKind } from "@alfred/contracts";
import type { Charge } from "../domain/charge.ts";
import type { AdmittedEffect, Effect } from "./effect.ts";
import type { JournalEntry } from "./journal-entry.ts";
import { foldJournal } from "./journal-state.ts";
import type { LeaseCoreConfig } from "./lease-config.ts";
import { LeaseCore } from "./lease-core.ts";
import type { AdmitRequest, Denial, Grant, Recovery, SettledLease } from "./lease-input.ts";
import { NO_NOTE } from "./own-record.ts";

const ORGANISATION = "org_1";
export const START = "start_1";

/** Nano-dollars; a tenth as many tokens. */
export function worth(nanos: number): Charge {
  return { nanos: BigInt(nanos), tokens: BigInt(nanos) / 10n };
}

/** Leaf to root, the organisation last. */
export function pathOf(...ids: readonly string[]): AccountPath {
  const accounts = [...ids, ORGANISATION].map((id) => ({ id, kind: AccountKind.ACCOUNT_KIND_KEY, initialLimits: [] }));
  return { organisationId: ORGANISATION, timeZone: "", accounts };
}

export const KEY_PATH = pathOf("key_1", "team_1");

export function denialOf(reason: string, metadata: Record<string, string> = {}): Denial {
  return { reason, message: "no", metadata: { account: "team_1", unit: "usd", ...metadata } };
}

export function emptyRecovery(found: Partial<Recovery> = {}, entries: readonly JournalEntry[] = []): Recovery {
  return { state: foldJournal(entries), bootId: "boot_1", isCorrupt: false, isMarkedLost: false, isAlwaysSynced: false, ...found };
}

/**
 * A core with a hand on everything around it: a journal that answers at once unless it is held, a wallet whose answers
 * the test gives, and a clock that stands until it is moved.
 */
export class Stage {
  readonly core: LeaseCore;
  nowMs = 1_000_000;
  /** Everything that was written, in order; a rewrite starts it anew. */
  journal: JournalEntry[] = [];
  /** Whether writes wait for `writes`. */
  isJournalHeld = false;
  #held: Effect[] = [];
  #effects: Effect[] = [];
  #leases = 0;

  constructor(config: Partial<LeaseCoreConfig> = {}) {
    this.core = new LeaseCore(config);
  }

  /** A core that was welcomed as start 1, its effects so far forgotten. */
  static live(config: Partial<LeaseCoreConfig> = {}, recovery = emptyRecovery()): Stage {
    const stage = new Stage(config);
    stage.start(recovery);
    stage.run(stage.core.welcomed(START, 7n, stage.nowMs));
    return stage;
  }

  start(recovery = emptyRecovery(), startId = START): void {
    this.run(this.core.start({ startId, newGatewayId: "gw_1", recovery }, this.nowMs));
  }

  /** Carries effects out as far as the journal goes, and keeps them for the test. */
  run(effects: readonly Effect[]): void {
    for (const effect of effects) {
      this.#effects.push(effect);
      if (effect.type !== "append" && effect.type !== "compact") continue;
      if (this.isJournalHeld) this.#held.push(effect);
      else this.#write(effect);
    }
  }

  /** Lets the writes happen that were held, in order. */
  writes(): void {
    this.isJournalHeld = false;
    for (const effect of this.#held.splice(0)) this.#write(effect);
  }

  /** The effects of one type since they were last asked for; those of other types stay. */
  take<Type extends Effect["type"]>(type: Type): Extract<Effect, { type: Type }>[] {
    const isMeant = (effect: Effect): effect is Extract<Effect, { type: Type }> => effect.type === type;
    const taken = this.#effects.filter(isMeant);
    this.#effects = this.#effects.filter((effect) => !isMeant(effect));
    return taken;
  }

  /** The one effect of that type since they were last asked for. */
  one<Type extends Effect["type"]>(type: Type): Extract<Effect, { type: Type }> {
    const [first, ...more] = this.take(type);
    if (first === undefined || more.length > 0) throw new Error(`${first === undefined ? "no" : "more than one"} ${type}`);
    return first;
  }

  admit(id: string, nanos: number, request: Partial<AdmitRequest> = {}): void {
    const whole = { id, path: KEY_PATH, worst: worth(nanos), note: NO_NOTE, deadlineMs: this.nowMs + 5_000, ...request };
    this.run(this.core.admit(whole, this.nowMs));
  }

  /** Grants what an acquire wants, or what `grant` says. */
  grant(acquireId: string, credit: Charge, grant: Partial<Grant> = {}): string {
    this.#leases += 1;
    const whole: Grant = {
      leaseId: `lease_${this.#leases}`,
      organisationId: ORGANISATION,
      accountId: "team_1",
      state: "open",
      isRecalled: false,
      grantTimeMs: 500_000,
      ttlMs: 30_000,
      credit,
      remaining: {},
      warnings: [],
      limitsRevision: 0n,
      ...grant,
    };
    this.run(this.core.granted(acquireId, whole, this.nowMs));
    return whole.leaseId;
  }

  /** Admits one request from a new lease of so much, and leaves it open. */
  lease(nanos: number, worst = 10, grant: Partial<Grant> = {}): AdmittedEffect {
    this.admit("first", worst);
    this.grant(this.one("acquire").acquireId, worth(nanos), grant);
    return this.one("admitted");
  }

  finish({ ref }: Pick<AdmittedEffect, "ref">, nanos: number, note = NO_NOTE): void {
    this.run(this.core.finish(ref, worth(nanos), note, this.nowMs));
  }

  /** Time passes, and the core is told. */
  pass(ms: number): void {
    this.nowMs += ms;
    this.run(this.core.tick(this.nowMs));
  }

  /** Acknowledges a batch. */
  settled({ batchId, settlements }: Extract<Effect, { type: "settle" }>, answer: Partial<SettledLease> = {}): void {
    const results = settlements.map(({ leaseId, finalCount }): SettledLease => {
      return { leaseId, state: finalCount === undefined ? "open" : "closed", remaining: {}, warnings: [], ...answer };
    });
    this.run(this.core.settled(batchId, results, this.nowMs));
  }

  /** Acknowledges all that is settled until nothing more comes. */
  settleAll(): void {
    for (let round = 0; round < 100; round += 1) {
      this.pass(50);
      const batches = this.take("settle");
      if (batches.length === 0) return;
      for (const batch of batches) this.settled(batch);
    }
    throw new Error("settling does not end");
  }

  #write(effect: Effect): void {
    if (effect.type === "compact") this.journal = [...effect.entries];
    else if (effect.type === "append") {
      this.journal.push(...effect.entries);
      this.run(this.core.appended(effect.token, this.nowMs));
    }
    const isSynced = effect.type === "compact" || (effect.type === "append" && effect.sync);
    if (isSynced) this.run(this.core.synced(effect.token, this.nowMs));
  }
}
