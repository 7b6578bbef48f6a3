import type { Dialect } from "../dialect.ts";
import { readChat } from "./answer.ts";
import { embed, readEmbeddings } from "./embeddings.ts";
import { readRefusal } from "./refusal.ts";
import { toChat } from "./request.ts";
import { CohereStream } from "./stream.ts";

/**
 * Cohere's API, version 2: chat, its stream, and embed. Its base URL ends in the version, as "https://api.cohere.com/v2".
 *
 * Source: https://docs.cohere.com/reference/about
 */
export const cohere: Dialect = {
  chat: toChat,
  readChat,
  streamChat: () => new CohereStream(),
  embeddings: { embed, readEmbeddings },
  readRefusal,
};
