/** What providers keep for organisations, as it may be on record. */
import { KeptObjectKind } from "@alfred/contracts";
import type { AccountPath, KeptObject } from "@alfred/contracts";

import { objectId } from "./field.ts";
import { invalid } from "./refusal.ts";

/** What a mutation of a kept object is told by when it is repeated. */
export interface KeptMutation {
  readonly requestId: string;
  /** SHA-256 of the request. */
  readonly fingerprint: Uint8Array;
}

/** An object as it is put on record. */
export type NewKeptObject = Omit<KeptObject, "version" | "path"> & { readonly path: AccountPath; readonly createTime: Date };

/** What a change replaces, of which object at which version. */
export interface KeptChange {
  readonly organisationId: string;
  readonly id: string;
  readonly version: bigint;
  readonly upstreamId: string;
  readonly state: string;
  readonly dueTime: Date | undefined;
}

/** Which objects to list. */
export interface KeptFilter {
  readonly organisationId: string;
  readonly kind: KeptObjectKind;
  /** Empty for all. */
  readonly purpose: string;
  readonly oldestFirst: boolean;
}

/** The record of kept objects. */
export interface KeptObjects {
  /** Undefined where another object has the id. Errors: REQUEST_ID_REUSED. */
  create(object: NewKeptObject, mutation: KeptMutation): Promise<{ readonly object: KeptObject; readonly replayed: boolean } | undefined>;
  find(organisationId: string, id: string): Promise<KeptObject | undefined>;
  /** In order of age after the object given, at most `most`; of files those that their provider has. */
  list(filter: KeptFilter, after: KeptObject | undefined, most: number): Promise<KeptObject[]>;
  /** The object as it is then; undefined where it is at another version, or not there. */
  update(change: KeptChange, mutation: KeptMutation): Promise<KeptObject | undefined>;
  delete(organisationId: string, id: string): Promise<void>;
  /** Objects that are due at `now`, which are due again `leaseMs` later. */
  claim(kind: KeptObjectKind, most: number, now: Date, leaseMs: number): Promise<KeptObject[]>;
}

const MAX_UPSTREAM_ID = 512;
const MAX_PURPOSE = 64;
const MAX_FILENAME = 512;
const MAX_STATE_BYTES = 256 * 1024;

/** Which of the two it is. Errors: INVALID_ARGUMENT for a kind that is not stated. */
export function keptKind(kind: KeptObjectKind): KeptObjectKind {
  if (kind === KeptObjectKind.KEPT_OBJECT_KIND_FILE || kind === KeptObjectKind.KEPT_OBJECT_KIND_BATCH) return kind;
  throw invalid("kind", "not a kind of kept object", "Use KEPT_OBJECT_KIND_FILE or KEPT_OBJECT_KIND_BATCH.");
}

/** An object within its bounds. Errors: INVALID_ARGUMENT. */
export function newKeptObject(object: KeptObject | undefined, now: Date): NewKeptObject {
  const { path } = object ?? {};
  if (object === undefined) throw invalid("object", "not stated", "State what is to be put on record.");
  if (path === undefined || path.accounts.length === 0) throw invalid("object.path", "not stated", "State the accounts of the key that made it.");
  if (object.bytes < 0n) throw invalid("object.bytes", "must not be negative", "State the size of the file.");
  return {
    ...object, path,
    id: objectId("object.id", object.id),
    kind: keptKind(object.kind),
    providerId: objectId("object.provider_id", object.providerId),
    upstreamId: keptUpstreamId(object.upstreamId),
    purpose: within("object.purpose", object.purpose, MAX_PURPOSE),
    filename: within("object.filename", object.filename, MAX_FILENAME),
    state: keptState(object.state),
    createTime: now,
  };
}

/** An id at a provider, of at most 512 characters. */
export function keptUpstreamId(id: string): string {
  return within("upstream_id", id, MAX_UPSTREAM_ID);
}

/** The JSON of an object, of at most 256 KiB. */
export function keptState(state: string): string {
  const isTooLong = Buffer.byteLength(state) > MAX_STATE_BYTES;
  if (!isTooLong && state.startsWith("{") && !state.includes("\0")) return state;
  throw invalid("state", isTooLong ? `longer than ${MAX_STATE_BYTES} bytes` : "not the JSON of an object", "Keep only what has to be known.");
}

function within(field: string, value: string, most: number): string {
  if (value.length <= most && !value.includes("\0") && value.isWellFormed()) return value;
  throw invalid(field, `not a text of at most ${most} characters`, "Shorten it.");
}
