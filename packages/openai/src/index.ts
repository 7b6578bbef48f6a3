/**
 * OpenAI's wire format to and from the contract's messages. Reading a client's
 * request is strict: what has the wrong form is an error that names the field.
 * Reading a provider's answer is lenient. Either way nothing is lost.
 */
import { type BatchTerms, type ChatRequest, type CompletionRequest, type EmbeddingRequest, type ImageRequest, type Model, type ModerationRequest, type SpeechRequest, type TranscriptionRequest, type TranslationRequest } from "@alfred/contracts";
import { batch, batchTerms } from "./batch.ts";
import { bodyWriter } from "./body.ts";
import { chatCompletion, chatRequest } from "./chat.ts";
import { readChunk, writeChunk } from "./chunk.ts";
import { completion, completionRequest } from "./completion.ts";
import { embeddingList, embeddingRequest } from "./embedding.ts";
import type { Field } from "./field.ts";
import { file } from "./file.ts";
import { imageEvent, imageList, imageRequest } from "./image.ts";
import { moderationList, moderationRequest } from "./moderation.ts";
import { speechRequest } from "./speech.ts";
import { invalidField, readStrictly, requireName, requireRange, withoutStream } from "./strict.ts";
import { transcription, transcriptionEvent, transcriptionRequest, translationRequest } from "./transcription.ts";

export { bodyWriter } from "./body.ts";
export {
  type Field, FieldMismatch, bigInteger, decimal, flag, fullList, integer, list, nullable, rawJson, readItems, text,
} from "./field.ts";
export { isObject, parseJson } from "./json.ts";
export { object } from "./object.ts";
export { type ShownWarning, receipt, writeAttempt, writeBudgetWarning } from "./receipt.ts";
export {
  readResponse, readResponseEvent, readResponseItemList, readResponseRequest, writeResponse, writeResponseEvent, writeResponseItemList, writeResponseRequest,
} from "./response.ts";
export { invalidField, readStrictly, requireName, withoutStream } from "./strict.ts";
export { readSpeechEvent, writeSpeechDelta, writeSpeechDone } from "./speech.ts";
export { SseDecoder, SseFrameTooLarge, type SseEvent } from "./sse.ts";

/**
 * Reads the body of POST /v1/chat/completions.
 *
 * @throws AlfredError INVALID_ARGUMENT, MALFORMED_BODY
 */
export function readChatRequest(json: unknown): { chat: ChatRequest; stream: boolean } {
  const { stream, ...chat } = withoutStream(readStrictly(json, chatRequest));
  requireName(chat.model, "model");
  if (chat.messages.length === 0) throw invalidField("messages", "a list of at least one message");
  chat.messages.forEach(({ role }, index) => requireName(role, `messages[${index}].role`));
  requireRange(chat.n, "n", 128);
  requireRange(chat.maxTokens, "max_tokens");
  requireRange(chat.maxCompletionTokens, "max_completion_tokens");
  return { chat, stream };
}

export const writeChatRequest = bodyWriter(chatRequest);

/**
 * Reads the body of POST /v1/completions.
 *
 * @throws AlfredError INVALID_ARGUMENT, MALFORMED_BODY
 */
export function readCompletionRequest(json: unknown): { completion: CompletionRequest; stream: boolean } {
  const { stream, ...request } = withoutStream(readStrictly(json, completionRequest));
  requireName(request.model, "model");
  if (isEmpty(request.prompt)) throw invalidField("prompt", "a string or a list, not empty");
  requireRange(request.n, "n", 128);
  requireRange(request.bestOf, "best_of", 20);
  return { completion: request, stream };
}

export const writeCompletionRequest = bodyWriter(completionRequest);

/**
 * Reads the body of POST /v1/embeddings.
 *
 * @throws AlfredError INVALID_ARGUMENT, MALFORMED_BODY
 */
export function readEmbeddingRequest(json: unknown): EmbeddingRequest {
  const request = readStrictly(json, embeddingRequest);
  requireName(request.model, "model");
  if (isEmpty(request.input)) throw invalidField("input", "a string or a list, not empty");
  requireRange(request.dimensions, "dimensions");
  return request;
}

export const writeEmbeddingRequest = bodyWriter(embeddingRequest);

/** The model that OpenAI takes where none is named. Source: https://platform.openai.com/docs/api-reference/moderations/create */
const MODERATION_MODEL = "omni-moderation-latest";

/**
 * Reads the body of POST /v1/moderations.
 *
 * @throws AlfredError INVALID_ARGUMENT, MALFORMED_BODY
 */
export function readModerationRequest(json: unknown): ModerationRequest {
  const request = readStrictly(json, moderationRequest);
  const moderation = { ...request, model: request.model || MODERATION_MODEL };
  requireName(moderation.model, "model");
  if (moderation.input === undefined || (moderation.input.$case !== "text" && moderation.input.value.values.length === 0)) {
    throw invalidField("input", "a string or a list, not empty");
  }
  return moderation;
}

export const writeModerationRequest = bodyWriter(moderationRequest);

/**
 * Reads the body of POST /v1/images/generations.
 *
 * @throws AlfredError INVALID_ARGUMENT, MALFORMED_BODY
 */
export function readImageRequest(json: unknown): { image: ImageRequest; stream: boolean } {
  const { stream, ...image } = withoutStream(readStrictly(json, imageRequest));
  requireName(image.model, "model");
  if (image.prompt === "") throw invalidField("prompt", "a string, not empty");
  return { image, stream };
}

/**
 * Reads what the form of POST /v1/images/variations says beside its image.
 *
 * @throws AlfredError INVALID_ARGUMENT, MALFORMED_BODY
 */
export function readVariationRequest(json: unknown): ImageRequest {
  const image = readStrictly(json, imageRequest);
  requireName(image.model, "model");
  if (image.prompt !== "") throw invalidField("prompt", "left out");
  return image;
}

export const writeImageRequest = bodyWriter(imageRequest);

/**
 * Reads the body of POST /v1/audio/speech.
 *
 * @throws AlfredError INVALID_ARGUMENT, MALFORMED_BODY
 */
export function readSpeechRequest(json: unknown): SpeechRequest {
  const request = readStrictly(json, speechRequest);
  requireName(request.model, "model");
  if (request.input === "") throw invalidField("input", "a string, not empty");
  return request;
}

export const writeSpeechRequest = bodyWriter(speechRequest);

/**
 * Reads what the form of POST /v1/audio/transcriptions says beside its file.
 *
 * @throws AlfredError INVALID_ARGUMENT, MALFORMED_BODY
 */
export function readTranscriptionRequest(json: unknown): { transcription: TranscriptionRequest; stream: boolean } {
  const { stream, ...request } = withoutStream(readStrictly(json, transcriptionRequest));
  requireName(request.model, "model");
  return { transcription: request, stream };
}

export const writeTranscriptionRequest = bodyWriter(transcriptionRequest);

/**
 * Reads what the form of POST /v1/audio/translations says beside its file.
 *
 * @throws AlfredError INVALID_ARGUMENT, MALFORMED_BODY
 */
export function readTranslationRequest(json: unknown): TranslationRequest {
  const request = readStrictly(json, translationRequest);
  requireName(request.model, "model");
  return request;
}

export const writeTranslationRequest = bodyWriter(translationRequest);

/**
 * Reads the body of POST /v1/batches.
 *
 * @throws AlfredError INVALID_ARGUMENT, MALFORMED_BODY
 */
export function readBatchTerms(json: unknown): BatchTerms {
  return readStrictly(json, batchTerms);
}

/** Reads a provider's answer. @throws FieldMismatch where it is no JSON object */
export const readChatCompletion = lenient(chatCompletion);
/** Reads a piece of a provider's stream. @throws FieldMismatch where it is no JSON object */
export const readChatChunk = readChunk;
/** Reads a provider's vectors. @throws FieldMismatch where it is no JSON object */
export const readEmbeddingList = lenient(embeddingList);
/** Reads a provider's judgements. @throws FieldMismatch where it is no JSON object */
export const readModerationList = lenient(moderationList);
/** Reads a provider's images. @throws FieldMismatch where it is no JSON object */
export const readImageList = lenient(imageList);
/** Reads a batch of a provider's. @throws FieldMismatch where it is no JSON object */
export const readBatch = lenient(batch);
/** Reads a file of a provider's. @throws FieldMismatch where it is no JSON object */
export const readFile = lenient(file);
/** Reads an event of a provider's streamed image. @throws FieldMismatch where it is no JSON object */
export const readImageEvent = lenient(imageEvent);
/** Reads what a provider heard. @throws FieldMismatch where it is no JSON object */
export const readTranscription = lenient(transcription);
/** Reads an event of what a provider hears. @throws FieldMismatch where it is no JSON object */
export const readTranscriptionEvent = lenient(transcriptionEvent);

export const writeChatCompletion = chatCompletion.write;
export const writeChatChunk = writeChunk;
export const writeCompletion = completion.write;
export const writeEmbeddingList = embeddingList.write;
export const writeBatch = batch.write;
export const writeFile = file.write;
export const writeImageList = imageList.write;
export const writeImageEvent = imageEvent.write;
export const writeModerationList = moderationList.write;
export const writeTranscription = transcription.write;
export const writeTranscriptionEvent = transcriptionEvent.write;

/** Writes a model as GET /v1/models shows it. */
export function writeModel(model: Model): Record<string, unknown> {
  return {
    id: model.id,
    object: "model",
    created: Number(model.created),
    owned_by: model.provider,
    ...(model.contextWindow === undefined ? {} : { context_window: Number(model.contextWindow) }),
    ...(model.maxOutputTokens === undefined ? {} : { max_output_tokens: Number(model.maxOutputTokens) }),
  };
}

function lenient<Message>(field: Field<Message>): (json: unknown) => Message {
  return (json) => field.read(json, false);
}

function isEmpty(input: EmbeddingRequest["input"]): boolean {
  if (input === undefined) return true;
  return input.$case === "text" ? input.value === "" : input.value.values.length === 0;
}
