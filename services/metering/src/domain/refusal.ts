import { type AlfredError, fail } from "@alfred/errors";

/** INVALID_ARGUMENT for a field of the request, named as in the proto. */
export function invalid(field: string, problem: string, hint: string): AlfredError {
  return fail("INVALID_ARGUMENT", `${field}: ${problem}`, { hint, metadata: { field } });
}
