/** Pages of a chain: a token is the sequence after which the next page begins. */
import { fail } from "@alfred/errors";

const DEFAULT_SIZE = 100;
const MAX_SIZE = 1_000;

/** A page size: 1 to 1,000, 100 where it is left out. */
export function pageSize(value: number): number {
  if (value === 0) return DEFAULT_SIZE;
  if (value >= 1 && value <= MAX_SIZE) return value;
  throw invalid("page_size", `not between 1 and ${MAX_SIZE}`, `Leave it out for ${DEFAULT_SIZE}.`);
}

/** Reads a token; empty begins with the first link. */
export function readPageToken(token: string): bigint {
  if (token === "") return 0n;
  const text = Buffer.from(token, "base64url").toString("latin1");
  if (/^\d{1,18}$/.test(text)) return BigInt(text);
  throw invalid(
    "page_token",
    "not a token of this list",
    "Send next_page_token as it came, or leave it out to begin anew.",
  );
}

/** The token of the page after this sequence. */
export function writePageToken(sequence: bigint): string {
  return Buffer.from(sequence.toString()).toString("base64url");
}

function invalid(field: string, problem: string, hint: string): Error {
  return fail("INVALID_ARGUMENT", `\`${field}\`: ${problem}.`, { hint, metadata: { field } });
}
