/**
 * Secrets at rest: AES-256-GCM under the master key. A sealed secret is `version (1) | key id (8) | nonce (12) |
 * ciphertext | tag (16)`; the owner's id is authenticated too, so that a secret moved to another row does not open.
 */
import { createCipheriv, createDecipheriv, hash, hkdfSync, randomBytes } from "node:crypto";

const VERSION = 1;
const KEY_BYTES = 32;
const KEY_ID_BYTES = 8;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + KEY_ID_BYTES + NONCE_BYTES;

/** A sealed secret that this master key does not open. Carries no part of it. */
export class SealBrokenError extends Error {
  override readonly name = "SealBrokenError";
}

/** Seals and opens secrets under one master key of 32 bytes. */
export class SecretBox {
  readonly #key: Uint8Array;
  readonly #keyId: Buffer;

  constructor(masterKey: Uint8Array) {
    if (masterKey.length !== KEY_BYTES) {
      throw new RangeError(`a master key has ${KEY_BYTES} bytes, this one ${masterKey.length}`);
    }
    this.#key = masterKey;
    this.#keyId = hash("sha256", masterKey, "buffer").subarray(0, KEY_ID_BYTES);
  }

  /** Encrypts `secret` for the object `owner`. */
  seal(secret: string, owner: string): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv("aes-256-gcm", this.#key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(owner));
    const sealed = Buffer.concat([cipher.update(secret, "utf8"), cipher.final()]);
    return Buffer.concat([Buffer.of(VERSION), this.#keyId, nonce, sealed, cipher.getAuthTag()]);
  }

  /** Decrypts what `seal` made for `owner`. Throws SealBrokenError where the key, the owner or a byte differs. */
  open(sealed: Uint8Array, owner: string): string {
    const bytes = Buffer.from(sealed);
    if (bytes.length < HEADER_BYTES + TAG_BYTES || bytes[0] !== VERSION) {
      throw new SealBrokenError("not a sealed secret of a known version");
    }
    if (!bytes.subarray(1, 1 + KEY_ID_BYTES).equals(this.#keyId)) {
      throw new SealBrokenError("sealed under another master key");
    }
    return this.#decrypt(bytes, owner);
  }

  /** A key of 32 bytes for one purpose, the same under the same master key, from which neither that nor another key can be told. */
  derive(purpose: string): Buffer {
    return Buffer.from(hkdfSync("sha256", this.#key, Buffer.alloc(0), purpose, KEY_BYTES));
  }

  #decrypt(bytes: Buffer, owner: string): string {
    const nonce = bytes.subarray(1 + KEY_ID_BYTES, HEADER_BYTES);
    const decipher = createDecipheriv("aes-256-gcm", this.#key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(owner));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      return decipher.update(bytes.subarray(HEADER_BYTES, -TAG_BYTES), undefined, "utf8") + decipher.final("utf8");
    } catch (cause) {
      throw new SealBrokenError("the sealed secret was changed", { cause });
    }
  }
}
