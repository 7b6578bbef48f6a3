import type { GetKeptObjectRequest, GetKeptObjectResponse } from "@alfred/contracts";

import { keptKind } from "../domain/kept-object.ts";
import { notFound } from "../domain/refusal.ts";
import { keptObject, type KeptRecord } from "./kept-record.ts";

/** Tells of one object. Errors: NOT_FOUND, also where it is another organisation's or of another kind. */
export async function getKeptObject(record: KeptRecord, { organisationId, kind, id }: GetKeptObjectRequest): Promise<GetKeptObjectResponse> {
  const wanted = keptKind(kind);
  const object = await keptObject(record, organisationId, id);
  if (object.kind !== wanted) throw notFound("object", id);
  return { object };
}
