import { hash } from "node:crypto";
import type { KeptObject, KeptObjectKind } from "@alfred/contracts";
import { type AlfredError, fail, isFailure } from "@alfred/errors";
import { newId } from "@alfred/ids";
import type { Visit } from "../exchange/visit.ts";
import type { KeptParts } from "./kept-parts.ts";

/** What each kind is called, and how ids of it begin. */
const KINDS: Readonly<Record<number, { readonly name: string; readonly prefix: string }>> = {
  1: { name: "file", prefix: "file-" },
  2: { name: "batch", prefix: "batch_" },
};
const MAX_ID = 128;

/** The id of what a request makes: the same for the same request. */
export function keptId(kind: KeptObjectKind, scope: string): string {
  return `${KINDS[kind]?.prefix}${hash("sha256", `${KINDS[kind]?.name}/${scope}`).slice(0, 32)}`;
}

/**
 * An object of the visitor's organisation that its provider has.
 *
 * @throws AlfredError NOT_FOUND, also where it is another organisation's
 */
export async function ownObject({ record }: Pick<KeptParts, "record">, { organisationId }: Pick<Visit, "organisationId">, kind: KeptObjectKind, id: string): Promise<KeptObject> {
  if (id === "" || id.length > MAX_ID || !/^[\x21-\x7e]+$/.test(id)) throw notKept(kind, id);
  try {
    const { object } = await record.getKeptObject({ organisationId, kind, id });
    if (object !== undefined) return object;
  } catch (error) {
    if (!isFailure(error, "NOT_FOUND")) throw error;
  }
  throw notKept(kind, id);
}

/** Removes an object from the record. */
export async function forget({ record }: Pick<KeptParts, "record">, { id, path }: KeptObject): Promise<void> {
  await record.deleteKeptObject({ requestId: newId("req"), organisationId: path?.organisationId ?? "", id });
}

/** NOT_FOUND for what the organisation does not have. */
export function notKept(kind: KeptObjectKind, id: string): AlfredError {
  const { name } = KINDS[kind] ?? { name: "object" };
  return fail("NOT_FOUND", `There is no ${name} "${id.slice(0, MAX_ID)}".`, { hint: `GET /v1/${name === "batch" ? "batches" : "files"} lists what your organisation has.`, metadata: { id: id.slice(0, MAX_ID) } });
}
