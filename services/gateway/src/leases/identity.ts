import type { HelloEffect } from "./effect.ts";
import type { BootEntry, CleanEntry, GatewayEntry, JournalEntry, StartEntry } from "./journal-entry.ts";
import { isIntact } from "./journal-state.ts";
import type { GatewayStart } from "./lease-input.ts";

/** Starts that a rewritten journal still names. */
const MAX_STARTS = 8;

/** Who this gateway is: its name, its start, and what it may say of earlier ones. */
export class Identity {
  readonly gatewayId: string;
  readonly startId: string;
  readonly isAlwaysSynced: boolean;
  /** Undefined until the wallet welcomed this start. */
  incarnation: bigint | undefined;
  readonly #isNew: boolean;
  readonly #bootId: string;
  readonly #earlier: readonly string[];
  readonly #wasWelcomed: boolean;
  readonly #leaseIds: readonly string[];
  #isIntact: boolean;
  #replaces: string;

  constructor({ startId, newGatewayId, recovery }: GatewayStart) {
    const { state } = recovery;
    this.#isNew = state.gatewayId === "";
    this.gatewayId = this.#isNew ? newGatewayId : state.gatewayId;
    this.startId = startId;
    this.isAlwaysSynced = recovery.isAlwaysSynced;
    this.#bootId = recovery.bootId;
    this.#earlier = state.startIds.slice(-MAX_STARTS);
    this.#wasWelcomed = state.bootId !== undefined;
    this.#leaseIds = [...state.leases.keys()];
    this.#isIntact = isIntact(recovery);
    this.#replaces = this.#earlier.at(-1) ?? "";
  }

  /** What must be on disk before the wallet hears of this start. */
  get firstEntries(): JournalEntry[] {
    return this.#isNew ? [this.#gateway, this.#start] : [this.#start];
  }

  /** What a rewritten journal begins with, once the start was welcomed. */
  get header(): JournalEntry[] {
    const earlier = this.#earlier.map((startId): StartEntry => ({ type: "start", startId, isAlwaysSynced: false }));
    return [this.#gateway, ...earlier, this.#start, this.#boot];
  }

  get hello(): HelloEffect {
    const { gatewayId, startId } = this;
    return { type: "hello", gatewayId, startId, replaces: this.#replaces, isIntact: this.#isIntact, leaseIds: this.#leaseIds };
  }

  /**
   * The wallet names the start that it knows instead of the one that this start said it replaces.
   * @returns whether there is something new to say
   */
  replace(startId: string): boolean {
    if (startId === this.#replaces || startId === this.startId) return false;
    this.#replaces = startId;
    this.#isIntact &&= this.#isKnown(startId);
    return true;
  }

  /** Whether that start came before this one, so that word of it is old. */
  isPast(startId: string): boolean {
    return startId === this.#replaces || startId === this.startId || this.#earlier.includes(startId);
  }

  /** Whether the journal knew that start, or that there was none; one that it does not know has written elsewhere. */
  #isKnown(startId: string): boolean {
    return startId === "" ? !this.#wasWelcomed : this.#earlier.includes(startId);
  }

  get #gateway(): GatewayEntry {
    return { type: "gateway", gatewayId: this.gatewayId };
  }

  get #start(): StartEntry {
    return { type: "start", startId: this.startId, isAlwaysSynced: this.isAlwaysSynced };
  }

  get #boot(): BootEntry {
    return { type: "boot", bootId: this.#bootId };
  }
}

/** The mark that nothing is admitted after it. */
export const CLEAN: CleanEntry = { type: "clean" };
