/** The ways in which the directory says no. */
import { fail } from "@alfred/errors";
import type { AlfredError } from "@alfred/errors";

/** INVALID_ARGUMENT for a field of the request, named as in the proto. */
export function invalid(field: string, problem: string, hint: string): AlfredError {
  return fail("INVALID_ARGUMENT", `\`${field}\`: ${problem}.`, { hint, metadata: { field } });
}

/** NOT_FOUND, said alike for what does not exist and for what belongs to another tenant. */
export function notFound(what: string, id: string): AlfredError {
  return fail("NOT_FOUND", `There is no ${what} with the id "${id}".`, { metadata: { id } });
}

/** FAILED_PRECONDITION: the object's state does not allow it. */
export function notNow(problem: string, hint: string): AlfredError {
  return fail("FAILED_PRECONDITION", `${problem}.`, { hint });
}

/** REQUEST_ID_REUSED: the id was used before with another body. */
export function requestIdReused(requestId: string): AlfredError {
  return fail("REQUEST_ID_REUSED", `The request_id "${requestId}" was used before with another body.`, {
    metadata: { field: "request_id" },
  });
}
