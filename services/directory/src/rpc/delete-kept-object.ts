import type { DeleteKeptObjectRequest, DeleteKeptObjectResponse } from "@alfred/contracts";

import { objectId, requestId } from "../domain/field.ts";
import type { KeptRecord } from "./kept-record.ts";

/** Removes an object; one that is not there is removed already, so that a repetition needs no memory. */
export async function deleteKeptObject({ kept }: KeptRecord, request: DeleteKeptObjectRequest): Promise<DeleteKeptObjectResponse> {
  requestId(request.requestId);
  await kept.delete(objectId("organisation_id", request.organisationId), objectId("id", request.id));
  return {};
}
