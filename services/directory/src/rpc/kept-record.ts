import type { KeptObject } from "@alfred/contracts";

import { objectId } from "../domain/field.ts";
import type { KeptObjects } from "../domain/kept-object.ts";
import { notFound } from "../domain/refusal.ts";

/** What the RPCs of kept objects work with. */
export interface KeptRecord {
  readonly kept: KeptObjects;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** The object of this id. Errors: NOT_FOUND, also where it is another organisation's. */
export async function keptObject({ kept }: KeptRecord, organisationId: string, id: string): Promise<KeptObject> {
  const object = await kept.find(objectId("organisation_id", organisationId), objectId("id", id));
  if (object === undefined) throw notFound("object", id);
  return object;
}
