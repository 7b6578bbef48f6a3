import { invalid } from "./refusal.ts";

const MAX_LENGTH = 256;
const CONTROL = /\p{Cc}/u;

/**
 * An id or name to look for, perhaps empty, that a database can compare with.
 *
 * @throws AlfredError INVALID_ARGUMENT
 */
export function checkedName(field: string, name: string): string {
  if (name.length > MAX_LENGTH) throw invalid(field, `is longer than ${MAX_LENGTH} characters`, "Nothing has so long a name.");
  if (CONTROL.test(name) || !name.isWellFormed()) throw invalid(field, "contains control characters", "Nothing has such a name.");
  return name;
}
