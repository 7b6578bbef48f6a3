import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@alfred/telemetry";
import { type Journal, type JournalToken, openJournal } from "../src/journal/journal.ts";
import type { JournalError } from "../src/journal/journal-error.ts";
import type { JournalEntry } from "../src/leases/journal-entry.ts";

/** A folder that goes with the test. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "alfred journal "));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** A journal on real files, and what it said. */
export class JournalRig implements AsyncDisposable {
  /** "appended 1", "synced 1", "failed", in the order they came. */
  readonly said: string[] = [];
  readonly logged: string[] = [];
  failure: JournalError | undefined;
  #journal: Journal | undefined;
  #tokens = 0;
  #waiting: (() => void)[] = [];

  static async open(folder: string, sync: "background" | "always" = "background"): Promise<JournalRig> {
    const rig = new JournalRig();
    rig.#journal = await openJournal({
      folder,
      sync,
      onAppended: (token) => rig.say(`appended ${token}`),
      onSynced: (token) => rig.say(`synced ${token}`),
      onFailed: (error) => {
        rig.failure = error;
        rig.say("failed");
      },
      log: createLogger({ name: "test", destination: { write: (line) => rig.logged.push(line) } }),
    });
    return rig;
  }

  get journal(): Journal {
    if (this.#journal === undefined) throw new Error("the journal is not open");
    return this.#journal;
  }

  say(what: string): void {
    this.said.push(what);
    for (const wake of this.#waiting.splice(0)) wake();
  }

  append(entries: readonly JournalEntry[], options?: { sync?: boolean }): JournalToken {
    this.#tokens += 1;
    this.journal.append(this.#tokens, entries, options);
    return this.#tokens;
  }

  /** Starts to shorten the journal. */
  compact(entries: readonly JournalEntry[]): JournalToken {
    this.#tokens += 1;
    this.journal.compact(this.#tokens, entries);
    return this.#tokens;
  }

  async until(what: string): Promise<void> {
    while (!this.said.includes(what)) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      await promise;
    }
  }

  /** Appends each in a turn of its own, so that each is a frame. */
  async appendEach(entries: readonly JournalEntry[]): Promise<void> {
    for (const entry of entries) await this.until(`appended ${this.append([entry])}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#journal?.[Symbol.asyncDispose]();
  }
}

/** Opens a folder, says what it holds, and closes it again. */
export async function recoveredFrom(folder: string): Promise<Journal["recovered"]> {
  await using rig = await JournalRig.open(folder);
  return rig.journal.recovered;
}

export function intent(number: number): JournalEntry {
  const worst = { nanos: 1_000_000n * BigInt(number), tokens: 10n };
  return { type: "intent", leaseId: "lease_1", number, accountId: "key_1", worst, note: new Uint8Array([number % 256]) };
}

export function actual(number: number): JournalEntry {
  return { type: "actual", leaseId: "lease_1", number, cost: { nanos: 5n, tokens: 1n }, note: new Uint8Array() };
}

/** What all open files share; through it the journal's own can be watched and made to fail. */
export async function fileHandlePrototype(folder: string): Promise<Awaited<ReturnType<typeof open>>> {
  await using handle = await open(folder, "r");
  return Object.getPrototypeOf(handle) as typeof handle;
}
