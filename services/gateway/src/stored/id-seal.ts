import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";
import { ItemIds } from "./item-ids.ts";

/** A response that a provider keeps: where, under which id, and how much stands in it. */
export interface StoredResponse {
  readonly providerId: string;
  /** The model that gave it, as the provider names it. */
  readonly model: string;
  /** As the provider names the response. */
  readonly upstreamId: string;
  /** What its prompt and its answer come to at most, in that model's tokens; undefined where that is not known. */
  readonly tokens: bigint | undefined;
  /** What its answer comes to at most, of these. */
  readonly answerTokens?: bigint | undefined;
}

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const CIPHER = "aes-256-gcm";
/** As providers' own ids begin, and as clients expect them to. */
const PREFIX = "resp_";
/** The longest names that a seal is made of fit in, in characters. */
const MAX_ID = 2_048;
const SEALED = /^resp_[\w-]{40,}$/;

/**
 * Makes the ids that clients are told of what providers keep, and reads them again: `resp_` and base64url of `version (1) |
 * nonce (12) | ciphertext | tag (16)` under AES-256-GCM. Each organisation has a key of its own, so that what belongs to another
 * is told apart by nothing from what is damaged; under each, 2^32 ids are safe with random nonces.
 */
export class IdSeal {
  readonly #key: Uint8Array;

  /** @param key 32 bytes, of which the keys of organisations are made */
  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** The id of what is kept for an organisation. Two seals of the same differ. */
  seal({ providerId, model, upstreamId, tokens, answerTokens }: StoredResponse, organisationId: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#keyOf("response", organisationId), nonce, { authTagLength: TAG_BYTES });
    const text = JSON.stringify([providerId, model, upstreamId, numberOf(tokens), numberOf(answerTokens)]);
    const sealed = Buffer.concat([Buffer.of(VERSION), nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
    return PREFIX + sealed.toString("base64url");
  }

  /** What an id stands for; undefined where it is another organisation's, damaged, or none at all. */
  open(id: string, organisationId: string): StoredResponse | undefined {
    if (id.length > MAX_ID || !SEALED.test(id)) return undefined;
    const bytes = Buffer.from(id.slice(PREFIX.length), "base64url");
    // What is read leniently would have several ids stand for the same.
    if (bytes[0] !== VERSION || PREFIX + bytes.toString("base64url") !== id) return undefined;
    const text = this.#decrypt(bytes, organisationId);
    if (text === undefined) return undefined;
    // Ids of before have no tokens of the answer alone.
    const [providerId, model, upstreamId, tokens, answerTokens = null] = JSON.parse(text) as [string, string, string, number | null, number | null | undefined];
    return { providerId, model, upstreamId, tokens: bigOf(tokens), answerTokens: bigOf(answerTokens) };
  }

  /** The ids of an organisation's items. */
  items(organisationId: string): ItemIds {
    return new ItemIds(this.#keyOf("item", organisationId));
  }

  #decrypt(bytes: Buffer, organisationId: string): string | undefined {
    const nonce = bytes.subarray(1, 1 + NONCE_BYTES);
    const decipher = createDecipheriv(CIPHER, this.#keyOf("response", organisationId), nonce, { authTagLength: TAG_BYTES });
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      return decipher.update(bytes.subarray(1 + NONCE_BYTES, -TAG_BYTES), undefined, "utf8") + decipher.final("utf8");
    } catch {
      return undefined;
    }
  }

  #keyOf(purpose: "response" | "item", organisationId: string): Buffer {
    return createHmac("sha256", this.#key).update(`${purpose}\0${organisationId}`).digest();
  }
}

function numberOf(tokens: bigint | undefined): number | null {
  return tokens === undefined ? null : Number(tokens);
}

function bigOf(tokens: number | null): bigint | undefined {
  return tokens === null ? undefined : BigInt(tokens);
}
