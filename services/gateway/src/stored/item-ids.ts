import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { MARK_BYTES, markBytes, markOf } from "./model-mark.ts";

/** Where the items come from whose ids are told: the answer, or the prompt, of one response. */
export interface ItemSource {
  readonly providerId: string;
  /** The model that read or said them, as the provider names it. */
  readonly model: string;
  /** What tells the answer from others, as the provider names it. */
  readonly name: string;
  /** What all of the items come to at most, in that model's tokens; undefined where that is not known. */
  readonly tokens: bigint | undefined;
}

/** An item that a provider keeps. */
export interface StoredItem {
  readonly providerId: string;
  /** As the provider names it. */
  readonly upstreamId: string;
  /** The mark of the model that read or said it. */
  readonly model: string;
  /** What it and all others of its source come to at most; undefined where that is not known. */
  readonly tokens: bigint | undefined;
  /** The same for all items of a source, of which `tokens` is the sum. */
  readonly source: string;
}

const TOKENS_BYTES = 3;
const UNKNOWN_TOKENS = 2 ** (8 * TOKENS_BYTES) - 1;
const NAME_BYTES = 3;
const HEAD_BYTES = TOKENS_BYTES + NAME_BYTES + MARK_BYTES;
const MAC_BYTES = 16;
/** As text; both are multiples of three bytes together, so that there is one way to write them. */
const PROOF_CHARACTERS = ((HEAD_BYTES + MAC_BYTES) / 3) * 4;
const PROOF = /[\w-]{32}$/;
/** The longest of a provider's fit in, in characters. */
const MAX_ID = 2_048;

/**
 * Makes the ids of items that an organisation is told, and reads them again: the provider's own, and behind it base64url of
 * `tokens (3) | source (3) | mark of the model (2) | HMAC-SHA-256, cut to 16`, which says that the organisation was told it, and by
 * which provider. It is short, since each piece of a streamed answer has it; which provider it is has to be tried.
 */
export class ItemIds {
  readonly #key: Uint8Array;

  /** @param key 32 bytes, the organisation's own */
  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** The ids of a source's items. */
  of(source: ItemSource): ToldItems {
    const head = headOf(source);
    return new ToldItems((upstreamId) => upstreamId + Buffer.concat([head, this.#mac(source.providerId, upstreamId, head)]).toString("base64url"));
  }

  /** What an id stands for at a provider; undefined where that is nothing of the organisation's. */
  open(id: string, providerId: string): StoredItem | undefined {
    if (id.length > MAX_ID || id.length <= PROOF_CHARACTERS || !PROOF.test(id)) return undefined;
    const upstreamId = id.slice(0, -PROOF_CHARACTERS);
    const proof = Buffer.from(id.slice(-PROOF_CHARACTERS), "base64url");
    const head = proof.subarray(0, HEAD_BYTES);
    if (!timingSafeEqual(proof.subarray(HEAD_BYTES), this.#mac(providerId, upstreamId, head))) return undefined;
    const tokens = head.readUIntBE(0, TOKENS_BYTES);
    const model = head.subarray(TOKENS_BYTES + NAME_BYTES);
    return { providerId, upstreamId, model: markOf(model), tokens: tokens === UNKNOWN_TOKENS ? undefined : BigInt(tokens), source: head.toString("base64url") };
  }

  #mac(providerId: string, upstreamId: string, head: Uint8Array): Buffer {
    return createHmac("sha256", this.#key).update(head).update(JSON.stringify([providerId, upstreamId])).digest().subarray(0, MAC_BYTES);
  }
}

/** An answer has a few items. Some that speak like OpenAI name one otherwise in each event, which is not to fill the memory. */
const MOST_REMEMBERED = 256;

/** The ids of the items of one source, each worked out once. */
export class ToldItems {
  readonly #tell: (upstreamId: string) => string;
  readonly #told = new Map<string, string>();

  constructor(tell: (upstreamId: string) => string) {
    this.#tell = tell;
  }

  /** The id that the client is told in the place of the provider's. */
  idOf(upstreamId: string): string {
    const known = this.#told.get(upstreamId);
    if (known !== undefined) return known;
    const told = this.#tell(upstreamId);
    if (this.#told.size < MOST_REMEMBERED) this.#told.set(upstreamId, told);
    return told;
  }

  /** Items by the client's ids. */
  tell<Item extends { id?: string | undefined }>(items: readonly Item[]): Item[] {
    return items.map((item) => (item.id === undefined ? item : { ...item, id: this.idOf(item.id) }));
  }
}

function headOf({ model, name, tokens }: ItemSource): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUIntBE(tokens === undefined || tokens >= UNKNOWN_TOKENS ? UNKNOWN_TOKENS : Number(tokens), 0, TOKENS_BYTES);
  createHash("sha256").update(name).digest().copy(head, TOKENS_BYTES, 0, NAME_BYTES);
  markBytes(model).copy(head, TOKENS_BYTES + NAME_BYTES);
  return head;
}
