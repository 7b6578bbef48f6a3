import { hash } from "node:crypto";
import { CreateKeptObjectRequest } from "@alfred/contracts";
import type { CreateKeptObjectResponse } from "@alfred/contracts";
import { fail } from "@alfred/errors";

import { requestId } from "../domain/field.ts";
import { newKeptObject } from "../domain/kept-object.ts";
import type { KeptRecord } from "./kept-record.ts";

/** Puts an object on record. Errors: INVALID_ARGUMENT, ALREADY_EXISTS, REQUEST_ID_REUSED. */
export async function createKeptObject({ kept, now }: KeptRecord, request: CreateKeptObjectRequest): Promise<CreateKeptObjectResponse> {
  const object = newKeptObject(request.object, new Date(now()));
  // When it is due says the clock of who asks, and differs when it asks again.
  const said = { ...request, object: { ...object, version: 0n, dueTime: undefined, createTime: undefined } };
  const fingerprint = hash("sha256", CreateKeptObjectRequest.encode(said).finish(), "buffer");
  const created = await kept.create(object, { requestId: requestId(request.requestId), fingerprint });
  if (created === undefined) throw fail("ALREADY_EXISTS", `There is an object with the id "${object.id}".`, { metadata: { id: object.id } });
  return created;
}
