import { estimatePrice } from "./alfred/estimate.ts";
import { anthropicErrorBody as errorBody } from "./anthropic/error-body.ts";
import { countTokens, createMessage } from "./anthropic/messages.ts";
import type { Exchange } from "./http/exchange.ts";
import type { ModelParts } from "./http/model-parts.ts";
import type { Route } from "./http/router.ts";
import { createChatCompletion } from "./openai/chat.ts";
import { createCompletion } from "./openai/completions.ts";
import { createEmbedding } from "./openai/embeddings.ts";
import { cancelBatch, createBatch, getBatch, listBatches } from "./openai/batches.ts";
import { createFile, deleteFile, fileContent, getFile, listFiles } from "./openai/files.ts";
import { createTranscription, createTranslation } from "./openai/hearing.ts";
import { createImageEdit, createImageVariation } from "./openai/image-edits.ts";
import { createImage } from "./openai/images.ts";
import { getModel, listModels } from "./openai/models.ts";
import { createModeration } from "./openai/moderations.ts";
import { createResponse } from "./openai/responses.ts";
import { createSpeech } from "./openai/speech.ts";
import { deleteResponse, getResponse, listInputItems } from "./openai/stored-responses.ts";
import { getProviderHealth, listProviders } from "./providers.ts";

/** A route by which models are asked, or asked about. */
interface ModelRoute extends Omit<Route, "handle"> {
  /** Why it costs nothing; left out where what it uses is metered and charged. */
  readonly isFree?: string;
  handle(parts: ModelParts, exchange: Exchange): Promise<void>;
}

const FILES_ARE_FREE = "no provider that keeps files has a price for it";
const STORED = "no model is asked: its provider tells what it stores";

/** All of them. A test asks each, and finds what it used on record unless it is free. */
export const MODEL_ROUTES: readonly ModelRoute[] = [
  { method: "POST", path: "/v1/chat/completions", handle: createChatCompletion },
  { method: "POST", path: "/v1/responses", handle: createResponse },
  { method: "GET", path: "/v1/responses/{response_id}", handle: getResponse, isFree: STORED },
  { method: "GET", path: "/v1/responses/{response_id}/input_items", handle: listInputItems, isFree: STORED },
  { method: "DELETE", path: "/v1/responses/{response_id}", handle: deleteResponse, isFree: STORED },
  { method: "POST", path: "/v1/messages", handle: createMessage, errorBody },
  { method: "POST", path: "/v1/messages/count_tokens", handle: countTokens, errorBody, isFree: "providers count for nothing, and so do we" },
  { method: "POST", path: "/v1/completions", handle: createCompletion },
  { method: "POST", path: "/v1/embeddings", handle: createEmbedding },
  { method: "POST", path: "/v1/images/generations", handle: createImage },
  { method: "POST", path: "/v1/images/edits", handle: createImageEdit },
  { method: "POST", path: "/v1/images/variations", handle: createImageVariation },
  { method: "POST", path: "/v1/audio/speech", handle: createSpeech },
  { method: "POST", path: "/v1/audio/transcriptions", handle: createTranscription },
  { method: "POST", path: "/v1/audio/translations", handle: createTranslation },
  { method: "POST", path: "/v1/moderations", handle: createModeration },
  { method: "POST", path: "/v1/batches", handle: createBatch },
  { method: "GET", path: "/v1/batches", handle: listBatches, isFree: "told from the record" },
  { method: "GET", path: "/v1/batches/{batch}", handle: getBatch, isFree: "the batch is paid for, and not the look at it" },
  { method: "POST", path: "/v1/batches/{batch}/cancel", handle: cancelBatch, isFree: "the batch is paid for, and not its end" },
  { method: "POST", path: "/v1/files", handle: createFile, isFree: FILES_ARE_FREE },
  { method: "GET", path: "/v1/files", handle: listFiles, isFree: FILES_ARE_FREE },
  { method: "GET", path: "/v1/files/{file}", handle: getFile, isFree: FILES_ARE_FREE },
  { method: "DELETE", path: "/v1/files/{file}", handle: deleteFile, isFree: FILES_ARE_FREE },
  { method: "GET", path: "/v1/files/{file}/content", handle: fileContent, isFree: FILES_ARE_FREE },
  { method: "POST", path: "/v1/pricing/estimate", handle: (parts, exchange) => estimatePrice(parts, exchange, MODEL_ROUTES), isFree: "nobody is asked" },
  { method: "GET", path: "/v1/models", handle: listModels, isFree: "told from memory" },
  { method: "GET", path: "/v1/models/{model=**}", handle: getModel, isFree: "told from memory" },
  { method: "GET", path: "/v1/providers", handle: listProviders, isFree: "told from memory" },
  { method: "GET", path: "/v1/providers/health", handle: getProviderHealth, isFree: "told from memory" },
];
