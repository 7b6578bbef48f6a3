import type { ResponseRequest } from "@alfred/contracts";
import { type AlfredError, fail } from "@alfred/errors";
import type { CallContext } from "@alfred/rpc";
import type { Feeds } from "../feeds/feeds.ts";
import type { StoredResponse } from "./id-seal.ts";

/** What a response goes on from, and whether others can go on from it. */
export interface Past {
  /** Whether ids can be sealed: else nothing is stored, since nobody could be told apart from its owner. */
  readonly keeps: boolean;
  /** What `previous_response_id` stands for; undefined where it names nothing that is the caller's. */
  readonly stored: StoredResponse | undefined;
}

export const NO_PAST: Past = { keeps: false, stored: undefined };

/** What is known of the installation, and whether the request is a copy of another. */
interface Known {
  readonly feeds: Pick<Feeds, "seal">;
  readonly shadowing?: unknown;
}

/** What a request goes on from: nothing, where who asks belongs to no organisation. Of a copy nothing is stored: nobody hears its id. */
export function pastOf({ feeds: { seal }, shadowing }: Known, { previousResponseId: id }: ResponseRequest, { principal }: CallContext): Past {
  const organisationId = principal.key?.path?.organisationId;
  const stored = id === undefined || id === "" || organisationId === undefined ? undefined : seal?.open(id, organisationId);
  return { keeps: seal !== undefined && shadowing === undefined, stored };
}

/** An id that stands for nothing of the caller's, in the words of OpenAI's API: whether it is another's is not said. */
export function previousNotFound(id: string): AlfredError {
  return fail("PREVIOUS_RESPONSE_NOT_FOUND", `Previous response with id '${id}' not found.`, { metadata: { field: "previous_response_id" } });
}
