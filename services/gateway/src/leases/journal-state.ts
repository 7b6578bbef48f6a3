import type { AccountPath } from "@alfred/contracts";
import type { Charge } from "../domain/charge.ts";
import type { JournalEntry, LeaseEntry } from "./journal-entry.ts";

/** What a journal says, read from its first entry to its last. */
export interface JournalState {
  /** Empty where the journal is. */
  readonly gatewayId: string;
  /** The starts that it knows, the newest last. */
  readonly startIds: readonly string[];
  /** Of the newest start that was welcomed; undefined where none was. */
  readonly bootId: string | undefined;
  /** Whether nothing was admitted since everything was known to be on disk. */
  readonly isClean: boolean;
  /** Whether the newest start that was welcomed put each admission on disk before it counted. */
  readonly isAlwaysSynced: boolean;
  readonly leases: ReadonlyMap<string, JournalLease>;
  /** By leaf. */
  readonly paths: ReadonlyMap<string, AccountPath>;
}

/** A lease and those of its records that the journal still has. */
export interface JournalLease {
  readonly header: LeaseEntry;
  /** One above the highest number ever given. */
  readonly nextNumber: number;
  readonly records: ReadonlyMap<number, JournalRecord>;
}

/** One admission. */
export interface JournalRecord {
  readonly accountId: string;
  readonly worst: Charge;
  /** Undefined where the process died before it was known. */
  readonly cost: Charge | undefined;
  /** Of the actual where there is one, else of the intent. */
  readonly note: Uint8Array;
}

/** Reads a journal. What names a lease, path or intent that is not there is left out: only damage makes it so, and then suspense covers it. */
export function foldJournal(entries: Iterable<JournalEntry>): JournalState {
  const fold = new JournalFold();
  for (const entry of entries) fold.add(entry);
  return fold.state;
}

/** A journal as it was found on disk. */
export interface FoundJournal {
  readonly state: JournalState;
  /** The machine's boot id now; empty where it does not tell. */
  readonly bootId: string;
  /** Whether the journal is damaged other than by a last write cut short. */
  readonly isCorrupt: boolean;
  /** Whether an earlier failure to sync marked it as lost. */
  readonly isMarkedLost: boolean;
}

/** Whether the journal holds every admission of earlier starts, so that leases it does not name were not spent. */
export function isIntact({ state, bootId, isCorrupt, isMarkedLost }: FoundJournal): boolean {
  if (isCorrupt || isMarkedLost) return false;
  // Before the first welcome nothing can have been admitted.
  if (state.bootId === undefined) return true;
  if (bootId !== "" && bootId === state.bootId) return true;
  return state.isClean || state.isAlwaysSynced;
}

interface OpenJournalLease {
  readonly header: LeaseEntry;
  nextNumber: number;
  readonly records: Map<number, JournalRecord>;
}

class JournalFold {
  #gatewayId = "";
  readonly #startIds: string[] = [];
  #bootId: string | undefined;
  #isClean = false;
  #isNewestAlwaysSynced = false;
  #isAlwaysSynced = false;
  readonly #leases = new Map<string, OpenJournalLease>();
  readonly #paths = new Map<string, AccountPath>();

  get state(): JournalState {
    return {
      gatewayId: this.#gatewayId,
      startIds: this.#startIds,
      bootId: this.#bootId,
      isClean: this.#isClean,
      isAlwaysSynced: this.#isAlwaysSynced,
      leases: this.#leases,
      paths: this.#paths,
    };
  }

  add(entry: JournalEntry): void {
    switch (entry.type) {
      case "gateway":
        this.#gatewayId = entry.gatewayId;
        break;
      case "start":
        this.#startIds.push(entry.startId);
        this.#isNewestAlwaysSynced = entry.isAlwaysSynced;
        break;
      case "boot":
        this.#boot(entry.bootId);
        break;
      case "clean":
        this.#isClean = true;
        break;
      case "path":
        this.#addPath(entry.path);
        break;
      case "lease":
        this.#addLease(entry);
        break;
      case "intent":
      case "actual":
        this.#addRecord(entry);
        break;
    }
  }

  /** From here on admissions are possible, so what was said of earlier ones does not cover them. */
  #boot(bootId: string): void {
    this.#bootId = bootId;
    this.#isClean = false;
    this.#isAlwaysSynced = this.#isNewestAlwaysSynced;
  }

  #addPath(path: AccountPath): void {
    const leaf = path.accounts[0];
    if (leaf !== undefined) this.#paths.set(leaf.id, path);
  }

  #addLease(header: LeaseEntry): void {
    if (this.#leases.has(header.leaseId)) return;
    this.#leases.set(header.leaseId, { header, nextNumber: header.nextNumber, records: new Map() });
  }

  #addRecord(entry: Extract<JournalEntry, { type: "intent" | "actual" }>): void {
    const lease = this.#leases.get(entry.leaseId);
    if (lease === undefined) return;
    const { number, note } = entry;
    if (entry.type === "intent") {
      this.#isClean = false;
      // Counted even where it cannot be told: a lease that lacks a record must not close as if it had all.
      lease.nextNumber = Math.max(lease.nextNumber, number + 1);
      if (!this.#paths.has(entry.accountId)) return;
      lease.records.set(number, { accountId: entry.accountId, worst: entry.worst, cost: undefined, note });
      return;
    }
    const intent = lease.records.get(number);
    if (intent !== undefined) lease.records.set(number, { ...intent, cost: entry.cost, note });
  }
}
