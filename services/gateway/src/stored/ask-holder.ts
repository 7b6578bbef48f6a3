import { newId } from "@alfred/ids";
import { type AlfredError, fail } from "@alfred/errors";
import type { CallContext } from "@alfred/rpc";
import type { PreparedRequest } from "../domain/provider-port.ts";
import type { Upstream } from "../domain/route.ts";
import { asFailure, isGone } from "../exchange/failure.ts";
import type { ExchangeParts } from "../exchange/parts.ts";
import { type Visit, visit } from "../exchange/visit.ts";
import type { AboutStored, ResponsesDialect } from "../providers/dialect.ts";
import { responsesOf } from "../providers/dialects.ts";
import type { StoredResponse } from "./id-seal.ts";

/** A response that is stored, and where. */
interface Found {
  readonly stored: StoredResponse;
  readonly upstream: Upstream;
  readonly dialect: ResponsesDialect;
}

/** What is asked about a response, by the id that the client knows. */
type About = Pick<AboutStored, "method" | "part"> & { readonly id: string; readonly query?: (stored: StoredResponse) => URLSearchParams };

/**
 * Asks the provider that stores a response about it, which costs nothing, and counts as one of the key's requests.
 *
 * @param read reads the answer; may throw FieldMismatch
 * @throws AlfredError NOT_FOUND for what is not the organisation's, and for what its provider has no more; UNAVAILABLE, RATE_LIMITED, OVERLOADED and what the provider said
 */
export function askHolder<Message>(parts: ExchangeParts, about: About, context: CallContext, read: (json: unknown) => Message): Promise<{ message: Message; stored: StoredResponse }> {
  return visit(parts, context, async (visitor) => {
    const found = find(parts, about.id, visitor.organisationId);
    const { message } = await ask(parts, about, found, visitor, read);
    return { message, stored: found.stored };
  });
}

function find({ feeds: { seal, routes } }: ExchangeParts, id: string, organisationId: string): Found {
  const stored = seal?.open(id, organisationId);
  const upstream = stored && routes.providers.get(stored.providerId);
  const dialect = upstream && responsesOf(upstream);
  if (stored === undefined || upstream === undefined || dialect === undefined) throw responseNotFound(id);
  return { stored, upstream, dialect };
}

async function ask<Message>({ provider }: ExchangeParts, about: About, found: Found, { signal, deadlineMs }: Visit, read: (json: unknown) => Message): Promise<{ message: Message }> {
  const call = { upstream: found.upstream, model: found.stored.model, request: requestOf(about, found), requestId: newId("req"), signal, deadlineMs, onSent: () => undefined };
  try {
    return await provider.ask(call, read);
  } catch (error) {
    const { error: failure } = asFailure(error);
    throw isGone(failure) ? responseNotFound(about.id) : failure;
  }
}

function requestOf({ id, method, part, query }: About, { stored, upstream, dialect }: Found): PreparedRequest {
  const { baseUrl, secret, apiVersion = "" } = upstream;
  const { upstreamId, model } = stored;
  const request = dialect.stored({ method, id: upstreamId, query: query?.(stored) ?? new URLSearchParams(), ...(part && { part }) }, { baseUrl, secret, model, apiVersion });
  return { ...request, ownIds: new Map([[upstreamId, id]]) };
}

/** An id that stands for nothing of the caller's, or for what is no more: the same to both. */
function responseNotFound(id: string): AlfredError {
  return fail("NOT_FOUND", `Response with id '${id}' not found.`, { hint: "Only answers with \"store\": true can be found, by keys of the organisation that asked, for 30 days, and until they are deleted." });
}
