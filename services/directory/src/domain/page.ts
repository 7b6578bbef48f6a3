/** Pages by key set: a token says after which row the next page begins. */
import { invalid } from "./refusal.ts";

const DEFAULT_SIZE = 100;
const MAX_SIZE = 1000;

/** Where a list ordered by time and id goes on. */
export interface Cursor {
  readonly timeMs: number;
  readonly id: string;
}

/** Rows of one page and the token of the next, empty where none follows. */
export interface Page<T> {
  readonly rows: readonly T[];
  readonly nextPageToken: string;
}

/** Before the first row. */
const START: Cursor = { timeMs: 0, id: "" };

/** A page size: 1 to 1,000, 100 where it is left out. */
export function pageSize(value: number): number {
  if (value === 0) return DEFAULT_SIZE;
  if (value >= 1 && value <= MAX_SIZE) return value;
  throw invalid("page_size", `not between 1 and ${MAX_SIZE}`, `Leave it out for ${DEFAULT_SIZE}.`);
}

/** Reads a token that `toPage` made. */
export function readPageToken(token: string): Cursor {
  if (token === "") return START;
  const match = /^(\d{1,15})\|(.{0,128})$/s.exec(Buffer.from(token, "base64url").toString("utf8"));
  if (match === null || match[2]?.includes("\0")) {
    throw invalid(
      "page_token",
      "not a token of this list",
      "Send next_page_token as it came, or leave it out to begin anew.",
    );
  }
  return { timeMs: Number(match[1]), id: match[2] ?? "" };
}

/** Cuts a page out of `size + 1` rows: the extra one only tells that more follow. */
export function toPage<T>(rows: readonly T[], size: number, cursorOf: (row: T) => Cursor): Page<T> {
  const shown = rows.slice(0, size);
  const last = shown.at(-1);
  if (rows.length <= size || last === undefined) return { rows: shown, nextPageToken: "" };
  const cursor = cursorOf(last);
  return { rows: shown, nextPageToken: Buffer.from(`${cursor.timeMs}|${cursor.id}`).toString("base64url") };
}
