import { hash } from "node:crypto";
import { UpdateKeptObjectRequest } from "@alfred/contracts";
import type { UpdateKeptObjectResponse } from "@alfred/contracts";

import { requestId } from "../domain/field.ts";
import { keptState, keptUpstreamId } from "../domain/kept-object.ts";
import { notNow } from "../domain/refusal.ts";
import { keptObject, type KeptRecord } from "./kept-record.ts";

/** Replaces what can change. Errors: NOT_FOUND; FAILED_PRECONDITION where it is at another version; REQUEST_ID_REUSED. */
export async function updateKeptObject(record: KeptRecord, request: UpdateKeptObjectRequest): Promise<UpdateKeptObjectResponse> {
  const { organisationId, id, version, dueTime } = request;
  const change = { organisationId, id, version, dueTime, upstreamId: keptUpstreamId(request.upstreamId), state: keptState(request.state) };
  const fingerprint = hash("sha256", UpdateKeptObjectRequest.encode(request).finish(), "buffer");
  const object = await record.kept.update(change, { requestId: requestId(request.requestId), fingerprint });
  if (object !== undefined) return { object };
  const { version: current } = await keptObject(record, organisationId, id);
  throw notNow(`The object is at version ${current}, not at ${version}`, "Read it again, and change it as it is then.");
}
