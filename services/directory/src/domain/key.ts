/** Keys: what they are made of and how their secrets are recognised. */
import { hash, randomBytes } from "node:crypto";

import type { PathAccount } from "./tree.ts";

/** What a key may do. Only the installation's own key is "root". */
export type KeyRole = "user" | "admin" | "root";

/** Who made a key: a call, or the environment that the directory was started with. */
export type Origin = "api" | "environment";

/** A key without its secret; root's has neither organisation nor parent nor path. */
export interface ApiKey {
  readonly id: string;
  readonly organisationId: string;
  readonly parentId: string;
  readonly name: string;
  readonly role: KeyRole;
  readonly prefix: string;
  readonly secretSha256: Uint8Array;
  readonly timeZone: string;
  readonly path: readonly PathAccount[];
  readonly allowedModels: readonly string[];
  readonly requestsPerMinute: number | undefined;
  readonly expireTime: Date | undefined;
  readonly revokeTime: Date | undefined;
  readonly createTime: Date;
}

/** A secret, to be shown once, and what is kept of it. */
export interface Secret {
  readonly text: string;
  readonly prefix: string;
  readonly sha256: Uint8Array;
}

const SCHEME = "sk-alfred-";
const RANDOM_BYTES = 32;
/** The scheme and four characters: enough to tell keys apart, far too little to guess one. */
const SHOWN = SCHEME.length + 4;

/** Shortest secret that the environment may give, in characters. */
export const MIN_SECRET_LENGTH = 32;

/** Makes a secret of 256 random bits. */
export function mintSecret(): Secret {
  return secretOf(SCHEME + randomBytes(RANDOM_BYTES).toString("base64url"));
}

/** What is kept of a secret that was given. */
export function secretOf(text: string): Secret {
  return { text, prefix: text.slice(0, SHOWN), sha256: hash("sha256", text, "buffer") };
}
