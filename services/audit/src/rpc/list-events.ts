import type { ListEventsRequest, ListEventsResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";

import type { StoredLink } from "../domain/chain.ts";
import { pageSize, readPageToken, writePageToken } from "../domain/page.ts";
import type { Audit } from "../domain/ports.ts";
import { writeLink } from "./mappers.ts";

/**
 * A page stays well below the largest message, however large its events are, since each is sent twice: as bytes and
 * read.
 */
const MOST_EVENT_BYTES = 8 * 1024 * 1024;

/** Lists an organisation's events in the order of the chain. */
export async function listEvents(
  audit: Audit,
  request: ListEventsRequest,
  call: CallContext,
): Promise<ListEventsResponse> {
  const organisation = call.principal.organisation(request.organisationId);
  const size = pageSize(request.pageSize);
  const links = await audit.chains.links(organisation, readPageToken(request.pageToken), size + 1);
  const shown = fitting(links.slice(0, size));
  const last = shown.at(-1);
  const nextPageToken = last === undefined || shown.length === links.length ? "" : writePageToken(last.sequence);
  return { events: shown.map(writeLink), nextPageToken };
}

function fitting(links: readonly StoredLink[]): readonly StoredLink[] {
  let bytes = 0;
  const tooLarge = links.findIndex((link, index) => {
    bytes += link.bytes.length;
    return index > 0 && bytes > MOST_EVENT_BYTES;
  });
  return tooLarge === -1 ? links : links.slice(0, tooLarge);
}
