import type { Dialect } from "../dialect.ts";
import { readChat } from "./answer.ts";
import { embed, readEmbeddings } from "./embeddings.ts";
import { answerMeters } from "./model.ts";
import { readRefusal } from "./refusal.ts";
import { toChat } from "./request.ts";
import { GeminiStream } from "./stream.ts";

/**
 * Google's Gemini API: generateContent, streamGenerateContent and batchEmbedContents. Its base URL ends in the version,
 * as "https://generativelanguage.googleapis.com/v1beta".
 *
 * Source: https://ai.google.dev/api
 */
export const gemini: Dialect = {
  takesAnyFile: true,
  answerMeters,
  chat: toChat,
  readChat,
  streamChat: () => new GeminiStream(),
  embeddings: { embed, readEmbeddings },
  readRefusal,
};
