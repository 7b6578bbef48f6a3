import type { UsageRecord } from "@alfred/contracts";
import type { Journal } from "../journal/journal.ts";
import type { AppendEffect, Effect, HaltReason } from "../leases/effect.ts";
import type { LeaseCore } from "../leases/lease-core.ts";
import { nameOf, type RecordRef } from "../leases/lease-input.ts";

/** Who carries out what the core wants, beside the journal. */
export interface LeaseHands {
  hello(effect: Extract<Effect, { type: "hello" }>): void;
  acquire(effect: Extract<Effect, { type: "acquire" }>): void;
  settle(effect: Extract<Effect, { type: "settle" }>): void;
  report(effect: Extract<Effect, { type: "report" }>): void;
  /** What concerns one request, or one settlement that is waited for. */
  answer(effect: Extract<Effect, { type: "admitted" | "refused" | "timedOut" | "acknowledged" }>): void;
  /** Nothing more is admitted, for good. */
  halted(reason: HaltReason): void;
  drained(): void;
  /** Requests are admitted from now on; once. */
  live(): void;
  /** A record of usage is written down, or can never be: it may go to metering. */
  written(ref: RecordRef, record: UsageRecord): void;
}

export interface LeaseDriverParts {
  readonly core: LeaseCore;
  /** Milliseconds of a clock that never goes back and runs on while the machine sleeps. */
  readonly clock: () => number;
}

/** How often the core is told the time, in milliseconds. */
const TICK_MS = 50;
/** With ten thousand leases a count takes a millisecond. */
const TICKS_PER_COUNT = 4;

/**
 * Between the core, which only decides, and what it decides on: tells it what happened, and has its effects carried out in
 * order, those on the journal by itself.
 */
export class LeaseDriver implements Disposable {
  readonly #core: LeaseCore;
  readonly #clock: () => number;
  readonly #effects: Effect[] = [];
  /** Records of usage whose settlement is not written down yet, by the name of their admission. */
  readonly #records = new Map<string, Noted>();
  /** The same, by the write that they are part of. */
  readonly #writing = new Map<number, readonly Noted[]>();
  #hands: LeaseHands | undefined;
  #journal: Journal | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isRunning = false;
  #wasLive = false;
  #ticks = 0;
  #journaledRecords = 0;

  constructor({ core, clock }: LeaseDriverParts) {
    this.#core = core;
    this.#clock = clock;
  }

  get core(): LeaseCore {
    return this.#core;
  }

  /** The core's time. */
  get nowMs(): number {
    return this.#clock();
  }

  /** Begins to tell the time, once there is a journal and somebody to act. */
  begin(journal: Journal, hands: LeaseHands): void {
    this.#journal = journal;
    this.#hands = hands;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** Admissions that the journal must still keep, as of a moment ago: they are too many to be counted for each request. */
  get journaledRecords(): number {
    return this.#journaledRecords;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  /** Tells the core something. What it wants done is done before this returns, unless it is in the middle of that already. */
  tell(say: (core: LeaseCore, nowMs: number) => readonly Effect[]): void {
    this.#effects.push(...say(this.#core, this.#clock()));
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      for (let effect = this.#effects.shift(); effect !== undefined; effect = this.#effects.shift()) this.#carryOut(effect);
    } finally {
      this.#isRunning = false;
    }
    if (this.#wasLive || !this.#core.isLive) return;
    this.#wasLive = true;
    this.#hands?.live();
  }

  /** Says what an admission cost; its record of usage may leave once that is written down. */
  finish(ref: RecordRef, record: UsageRecord | undefined, say: (core: LeaseCore, nowMs: number) => readonly Effect[]): void {
    const name = nameOf(ref);
    if (record !== undefined) this.#records.set(name, { ref, record });
    this.tell(say);
    // A journal that is broken takes nothing any more, and the usage is to be known all the same.
    const unwritten = this.#records.get(name);
    this.#records.delete(name);
    if (unwritten !== undefined) this.#hands?.written(unwritten.ref, unwritten.record);
  }

  /** The journal has it, so that it outlives this process. */
  appended(token: number): void {
    this.#release(token);
    this.tell((core, nowMs) => core.appended(token, nowMs));
  }

  synced(token: number): void {
    this.tell((core, nowMs) => core.synced(token, nowMs));
  }

  /** The journal takes nothing any more. */
  diskFailed(): void {
    for (const token of this.#writing.keys()) this.#release(token);
    this.tell((core, nowMs) => core.diskFailed(nowMs));
  }

  #tick(): void {
    this.tell((core, nowMs) => core.tick(nowMs));
    this.#ticks += 1;
    if (this.#ticks % TICKS_PER_COUNT === 0) this.#journaledRecords = this.#core.figures.journaledRecords;
  }

  #carryOut(effect: Effect): void {
    const hands = this.#hands;
    if (hands === undefined) return;
    switch (effect.type) {
      case "append":
        return this.#append(effect);
      case "compact":
        return this.#journal?.compact(effect.token, effect.entries);
      case "halted":
        return hands.halted(effect.reason);
      case "drained":
        return hands.drained();
      case "hello":
        return hands.hello(effect);
      case "acquire":
        return hands.acquire(effect);
      case "settle":
        // The journal writes at the end of the turn: an actual that the wallet knew and the journal did not would be
        // reported at its worst case after a crash.
        return void setImmediate(() => hands.settle(effect));
      case "report":
        return hands.report(effect);
      case "admitted":
      case "refused":
      case "timedOut":
      case "acknowledged":
        return hands.answer(effect);
    }
  }

  #append({ token, entries, sync }: AppendEffect): void {
    const noted: Noted[] = [];
    for (const entry of entries) {
      if (entry.type !== "actual") continue;
      const name = nameOf(entry);
      const record = this.#records.get(name);
      if (record === undefined) continue;
      this.#records.delete(name);
      noted.push(record);
    }
    if (noted.length > 0) this.#writing.set(token, noted);
    this.#journal?.append(token, entries, { sync });
  }

  #release(token: number): void {
    const noted = this.#writing.get(token);
    if (noted === undefined) return;
    this.#writing.delete(token);
    for (const { ref, record } of noted) this.#hands?.written(ref, record);
  }
}

interface Noted {
  readonly ref: RecordRef;
  readonly record: UsageRecord;
}
