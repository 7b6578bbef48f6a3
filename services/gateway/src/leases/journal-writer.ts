import type { AccountPath } from "@alfred/contracts";
import type { Effect } from "./effect.ts";
import type { JournalEntry } from "./journal-entry.ts";

/** Numbers what is written, and knows what the journal knows, so that nothing is written twice. */
export class JournalWriter {
  readonly #emit: (effect: Effect) => void;
  #token = 0;
  #entries = 0;
  #needed = 0;
  #isBroken = false;
  readonly #paths = new Map<string, AccountPath>();

  constructor(emit: (effect: Effect) => void) {
    this.#emit = emit;
  }

  /** Whether rewriting pays: it has at least so many entries, and twice those that it was last rewritten to. */
  isLong(entries: number): boolean {
    return this.#entries >= Math.max(entries, 2 * this.#needed);
  }

  /** Whether a write failed; then nothing more is written, and nothing more may be admitted. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  break(): void {
    this.#isBroken = true;
  }

  /** The token that the answer will name. */
  append(entries: readonly JournalEntry[], sync: boolean): number {
    this.#token += 1;
    this.#entries += entries.length;
    if (!this.#isBroken) this.#emit({ type: "append", token: this.#token, entries, sync });
    return this.#token;
  }

  /** Replaces all that was written. */
  compact(entries: readonly JournalEntry[]): number {
    this.#token += 1;
    this.#entries = entries.length;
    this.#needed = entries.length;
    this.#paths.clear();
    for (const entry of entries) if (entry.type === "path") this.#knows(entry.path);
    if (!this.#isBroken) this.#emit({ type: "compact", token: this.#token, entries });
    return this.#token;
  }

  /** Adds the path's entry to what is about to be written, unless the journal has it. */
  addPath(path: AccountPath, entries: JournalEntry[]): void {
    const leaf = path.accounts[0];
    const known = leaf === undefined ? path : this.#paths.get(leaf.id);
    if (known !== undefined && isSame(known, path)) return;
    this.#knows(path);
    entries.push({ type: "path", path });
  }

  #knows(path: AccountPath): void {
    const leaf = path.accounts[0];
    if (leaf !== undefined) this.#paths.set(leaf.id, path);
  }
}

function isSame(a: AccountPath, b: AccountPath): boolean {
  if (a === b) return true;
  if (a.organisationId !== b.organisationId || a.timeZone !== b.timeZone) return false;
  return a.accounts.length === b.accounts.length && a.accounts.every(({ id }, index) => id === b.accounts[index]?.id);
}
