import type { ResponseRequest } from "@alfred/contracts";
import { type AlfredError, fail } from "@alfred/errors";
import type { CallContext } from "@alfred/rpc";
import type { Feeds } from "../feeds/feeds.ts";
import { itemsOf } from "../responses/kept.ts";
import type { Holder } from "./holder.ts";
import type { StoredResponse } from "./id-seal.ts";
import { PastItems, needsId } from "./past-items.ts";

/** What a response goes on from, and whether others can go on from it. */
export interface Past {
  /** Whether ids can be sealed: else nothing is stored, since nobody could be told apart from its owner. */
  readonly keeps: boolean;
  /** What `previous_response_id` stands for; undefined where it names nothing that is the caller's. */
  readonly stored: StoredResponse | undefined;
  /** What items of `input` stand for; undefined where none has to be known by an id, or ids cannot be sealed. */
  readonly items?: PastItems | undefined;
}

export const NO_PAST: Past = { keeps: false, stored: undefined };

/** What is known of the installation, and whether the request is a copy of another. */
interface Known {
  readonly feeds: Pick<Feeds, "seal" | "routes">;
  readonly shadowing?: unknown;
}

/**
 * What a request goes on from: nothing, where who asks belongs to no organisation. Of a copy nothing is stored: nobody hears its id.
 * @throws AlfredError INVALID_ARGUMENT where it refers to too many items
 */
export function pastOf({ feeds: { seal, routes }, shadowing }: Known, request: ResponseRequest, { principal }: CallContext): Past {
  const keeps = seal !== undefined && shadowing === undefined;
  const organisationId = principal.key?.path?.organisationId;
  if (seal === undefined || organisationId === undefined) return { keeps, stored: undefined };
  const { previousResponseId: id } = request;
  const stored = id === undefined || id === "" ? undefined : seal.open(id, organisationId);
  if (!itemsOf(request).some(needsId)) return { keeps, stored };
  const holders = stored === undefined ? routes.providers.keys() : [stored.providerId];
  return { keeps, stored, items: new PastItems(seal.items(organisationId), request, [...holders]) };
}

/** Where what a request goes on from is kept; undefined where it goes on from nothing that is the caller's. */
export function holderOf({ stored, items }: Past): Holder | undefined {
  return stored ?? items?.holder;
}

/** An id that stands for nothing of the caller's, in the words of OpenAI's API: whether it is another's is not said. */
export function previousNotFound(id: string): AlfredError {
  return fail("PREVIOUS_RESPONSE_NOT_FOUND", `Previous response with id '${id}' not found.`, { metadata: { field: "previous_response_id" } });
}
