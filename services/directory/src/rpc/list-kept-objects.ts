import type { ListKeptObjectsRequest, ListKeptObjectsResponse } from "@alfred/contracts";

import { objectId } from "../domain/field.ts";
import { keptKind } from "../domain/kept-object.ts";
import { pageSize } from "../domain/page.ts";
import { keptObject, type KeptRecord } from "./kept-record.ts";

/** Lists objects by age. Errors: NOT_FOUND for the one that the page begins after. */
export async function listKeptObjects(record: KeptRecord, request: ListKeptObjectsRequest): Promise<ListKeptObjectsResponse> {
  const { purpose, afterId, oldestFirst } = request;
  const organisationId = objectId("organisation_id", request.organisationId);
  const filter = { organisationId, kind: keptKind(request.kind), purpose, oldestFirst };
  const size = pageSize(request.pageSize);
  const after = afterId === "" ? undefined : await keptObject(record, organisationId, afterId);
  const objects = await record.kept.list(filter, after, size + 1);
  return { objects: objects.slice(0, size), hasMore: objects.length > size };
}
