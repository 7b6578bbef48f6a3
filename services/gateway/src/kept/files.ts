import { hash } from "node:crypto";
import { type Call, type File, type FileUpload, KeptObject, KeptObjectKind } from "@alfred/contracts";
import { AlfredError, fail } from "@alfred/errors";
import { newId } from "@alfred/ids";
import { isObject, readFile } from "@alfred/openai";
import { identify } from "../domain/request-identity.ts";
import type { Upstream } from "../domain/route.ts";
import { MINTING } from "../exchange/open.ts";
import type { Visit } from "../exchange/visit.ts";
import { isGone } from "../exchange/failure.ts";
import { writeForm } from "../providers/form-body.ts";
import { keepingOf, keptRequest, keptStep } from "../providers/openai/keeping.ts";
import { type Asking, askKeeper, chooseKeeper, isRefused, keeperOf, readKeeper } from "./keeper.ts";
import type { KeptParts } from "./kept-parts.ts";
import { forget, keptId, notKept, ownObject } from "./own.ts";

const FILE = KeptObjectKind.KEPT_OBJECT_KIND_FILE;

/** When an upload that was not heard of again is looked for at its provider, in milliseconds: no upload takes as long. */
const ABANDONED_MS = 1_800_000;

/** A file and who keeps it. */
export interface KeptFile {
  readonly file: File;
  readonly provider: string;
}

/** What is to be kept, and where. */
export interface FileAsked {
  readonly call: Call | undefined;
  /** The provider's id, empty for any. */
  readonly provider: string;
  readonly upload: FileUpload;
}

/**
 * Has a provider keep a file. It is on record before the provider is asked, under a name by which an upload that was cut off is
 * found there; what comes of such a one is deleted (`sweepFile`).
 *
 * @throws AlfredError INVALID_ARGUMENT, FEATURE_UNSUPPORTED, REQUEST_ID_REUSED, REQUEST_IN_PROGRESS, PROVIDER_*
 */
export async function keepFile(parts: KeptParts, visit: Visit, asked: FileAsked): Promise<KeptFile> {
  const upstream = chooseKeeper(parts, visit.payer.key, { provider: asked.provider, purpose: asked.upload.purpose });
  requirePurpose(upstream, asked.upload.purpose);
  const sha256 = hash("sha256", asked.upload.content);
  const { scope } = identify(asked.call, { keyId: visit.payer.key.id, operation: "file" }, () => sha256, MINTING);
  const object = draftOf(parts, visit, { id: keptId(FILE, scope), upstream, asked, sha256 });
  const { object: recorded, replayed } = await parts.record.createKeptObject({ requestId: scope, object });
  if (recorded === undefined) throw fail("INTERNAL", "The directory answered without an object.");
  if (!replayed) return await uploaded(parts, visit, { recorded, upstream, upload: asked.upload });
  if (recorded.upstreamId === "") throw fail("REQUEST_IN_PROGRESS", "This file is still being uploaded, or was cut off.");
  return { file: fileOf(recorded), provider: recorded.providerId };
}

/** A file as its provider tells of it now. @throws AlfredError NOT_FOUND, PROVIDER_* */
export async function tellFile(parts: KeptParts, visit: Visit, id: string): Promise<KeptFile> {
  const { object, upstream, path } = await held(parts, visit, id);
  const json = await orGone(id, askKeeper(parts.provider, upstream, keptRequest(upstream, path, { method: "GET" }), visit));
  return { file: toldFile(object, json), provider: object.providerId };
}

/** Deletes a file, at its provider first: what is on record can be asked for again. @throws AlfredError NOT_FOUND, PROVIDER_* */
export async function dropFile(parts: KeptParts, visit: Visit, id: string): Promise<void> {
  const { object, upstream, path } = await held(parts, visit, id);
  await deleteThere(parts, upstream, path, visit);
  await forget(parts, object);
}

/** What is in a file, as it comes. @throws AlfredError NOT_FOUND, PROVIDER_* */
export async function* fileContent(parts: KeptParts, visit: Visit, id: string): AsyncGenerator<Buffer, void> {
  const { upstream, path } = await held(parts, visit, id);
  try {
    yield* readKeeper(parts.provider, upstream, keptRequest(upstream, `${path}/content`, { method: "GET" }), visit);
  } catch (error) {
    throw error instanceof AlfredError && isGone(error) ? notKept(FILE, id) : error;
  }
}

/** A file as it is on record. */
export function fileOf({ id, bytes, createTime, filename, purpose }: KeptObject): File {
  const createdAt = BigInt(Math.floor((createTime?.getTime() ?? 0) / 1_000));
  return { id, bytes, createdAt, filename, purpose, status: "processed", extra: { object: '"file"' } };
}

/** Ends an upload that was cut off: what came of it at the provider is found by its name and deleted, and then the record. */
export async function sweepFile(parts: KeptParts, object: KeptObject, asking: Asking): Promise<void> {
  const upstream = keeperOf(parts, object.providerId);
  const list = await askKeeper(parts.provider, upstream, keptRequest(upstream, `/files?purpose=${encodeURIComponent(object.purpose)}`, { method: "GET" }), asking);
  for (const file of itemsOf(list)) {
    if (typeof file["id"] === "string" && String(file["filename"]).startsWith(object.id)) await deleteThere(parts, upstream, `/files/${keptStep(file["id"])}`, asking);
  }
  await forget(parts, object);
}

/** The items of a list of a provider's. */
export function itemsOf(list: unknown): Record<string, unknown>[] {
  const { data } = (list ?? {}) as { data?: unknown };
  return Array.isArray(data) ? data.filter(isObject) : [];
}

interface Uploading {
  readonly recorded: KeptObject;
  readonly upstream: Upstream;
  readonly upload: FileUpload;
}

async function uploaded(parts: KeptParts, visit: Visit, { recorded, upstream, upload }: Uploading): Promise<KeptFile> {
  const { filename, purpose, content, contentType, extra } = upload;
  // Nothing else says what it is for.
  const fields = { ...Object.fromEntries(Object.entries(extra).map(([name, raw]): [string, unknown] => [name, JSON.parse(raw)])), purpose };
  const form = writeForm(fields, [{ field: "file", filename: nameThere(recorded.id, filename), contentType, content }]);
  const json = await orForget(parts, recorded, askKeeper(parts.provider, upstream, keptRequest(upstream, "/files", { upload: form }), visit));
  const { id: upstreamId } = readFile(json);
  const path = `/files/${keptStep(upstreamId)}`;
  try {
    const { id, version, state, path: accounts } = recorded;
    await parts.record.updateKeptObject({ requestId: newId("req"), organisationId: accounts?.organisationId ?? "", id, version, upstreamId, state, dueTime: undefined });
  } catch (error) {
    // Nobody was told of it; where this fails, too, it is found by its name later.
    await deleteThere(parts, upstream, path, visit).catch(() => undefined);
    throw error;
  }
  return { file: toldFile(recorded, json), provider: upstream.id };
}

/** What a provider refuses it does not have; of anything else that goes wrong nobody knows. */
async function orForget<Answer>(parts: KeptParts, object: KeptObject, answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (error) {
    if (isRefused(error)) await forget(parts, object);
    throw error;
  }
}

interface Drafting {
  readonly id: string;
  readonly upstream: Upstream;
  readonly asked: FileAsked;
  readonly sha256: string;
}

function draftOf({ now }: KeptParts, { payer }: Visit, { id, upstream, asked: { upload }, sha256 }: Drafting): KeptObject {
  const { filename, purpose, content } = upload;
  const dueTime = new Date(now() + ABANDONED_MS);
  return KeptObject.create({ id, kind: FILE, path: payer.path, providerId: upstream.id, purpose, filename, bytes: BigInt(content.length), state: JSON.stringify({ sha256 }), dueTime });
}

/** Its own id, so that it is found there; the ending says what it is. */
function nameThere(id: string, filename: string): string {
  return id + (/\.[A-Za-z0-9]{1,16}$/.exec(filename)?.[0] ?? "");
}

function requirePurpose(upstream: Upstream, purpose: string): void {
  const { purposes = [] } = keepingOf(upstream) ?? {};
  if (purposes.includes(purpose)) return;
  throw fail("INVALID_ARGUMENT", `\`purpose\` must be one that the provider ${upstream.id} keeps files for.`, { hint: `It keeps them for ${purposes.join(", ")}.`, metadata: { field: "purpose" } });
}

/** A file that a provider has, and where. @throws AlfredError NOT_FOUND */
async function held(parts: KeptParts, visit: Visit, id: string): Promise<{ object: KeptObject; upstream: Upstream; path: string }> {
  const object = await ownObject(parts, visit, FILE, id);
  if (object.upstreamId === "") throw notKept(FILE, id);
  return { object, upstream: keeperOf(parts, object.providerId), path: `/files/${keptStep(object.upstreamId)}` };
}

async function deleteThere({ provider }: KeptParts, upstream: Upstream, path: string, asking: Asking): Promise<void> {
  try {
    await askKeeper(provider, upstream, keptRequest(upstream, path, { method: "DELETE" }), asking);
  } catch (error) {
    if (!(error instanceof AlfredError && isGone(error))) throw error;
  }
}

async function orGone<Answer>(id: string, answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (error) {
    throw error instanceof AlfredError && isGone(error) ? notKept(FILE, id) : error;
  }
}

/** As the provider tells of it, by our names. */
function toldFile(object: KeptObject, json: unknown): File {
  const told = readFile(json);
  return { ...told, id: object.id, filename: object.filename, purpose: object.purpose, status: told.status || "processed" };
}
