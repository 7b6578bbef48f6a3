import type { WatchEventsRequest, WatchEventsResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";

import type { Audit } from "../domain/ports.ts";
import { writeLink } from "./mappers.ts";

/** Links read and sent at a time. */
const PAGE = 100;

/**
 * How long an idle watch stays silent, in milliseconds. It reads the chain each time, so it is also the slowest a link
 * can be.
 */
const IDLE_MS = 1_000;

/**
 * Streams an organisation's events after `revision`, for as long as anyone listens. The chain is its own snapshot, so a
 * revision that it has never reached begins at its start.
 */
export async function* watchEvents(
  audit: Audit,
  request: WatchEventsRequest,
  call: CallContext,
): AsyncGenerator<WatchEventsResponse> {
  const organisation = call.principal.organisation(request.organisationId);
  const head = await audit.chains.head(organisation);
  let cursor = request.revision <= head.sequence ? request.revision : 0n;
  while (!call.signal.aborted) {
    using growth = audit.chains.growth(organisation);
    const links = await audit.chains.links(organisation, cursor, PAGE);
    for (const link of links) yield { event: { $case: "eventChained", value: writeLink(link) } };
    cursor = links.at(-1)?.sequence ?? cursor;
    if (links.length === PAGE) continue;
    yield { event: { $case: "synced", value: { revision: cursor } } };
    await growth.orAfter(IDLE_MS, call.signal);
  }
}
