import type { BatchTerms, Call, ChatRequest, CompletionRequest, CreateImageEditRequest, CreateImageVariationRequest, EmbeddingRequest, FileUpload, ImageRequest, MediaFile, MessageRequest, ModerationRequest, ResponseRequest, SpeechRequest } from "@alfred/contracts";
import { type AlfredError, fail } from "@alfred/errors";
import type { ImageSources, RequestFile } from "../providers/dialect.ts";

const MAX_MODEL = 256;
const MAX_ID = 128;
const MAX_TAGS = 20;
const MAX_TAG = 64;
const MAX_IMAGES = 16;
const ROUTE_HEADER = /^x-alfred-route-[a-z0-9-]{1,64}$/;
const MAX_ROUTE_HEADERS = 16;
const MAX_ROUTE_HEADER = 256;
const MAX_BETAS = 32;
/** They travel in a header. */
const BETA = /^[\w.-]{1,64}$/;

/** The call's identity. @throws AlfredError INVALID_ARGUMENT */
export function checkCall(call: Call | undefined): Call | undefined {
  if (call === undefined) return undefined;
  // It travels in headers, to peers and providers.
  if (!/^[\x21-\x7e]*$/.test(call.requestId) || call.requestId.length > MAX_ID) {
    throw invalid("call.request_id", `at most ${MAX_ID} printable characters without spaces`);
  }
  if (call.idempotent && call.requestId === "") throw invalid("call.request_id", "set where the call is idempotent");
  if (!isText(call.clientRequestId, 0, MAX_ID)) throw invalid("call.client_request_id", `at most ${MAX_ID} characters`);
  const tags = Object.entries(call.tags);
  const areSound = tags.every((pair) => pair.every((text) => isText(text, 1, MAX_TAG)));
  if (!areSound || tags.length > MAX_TAGS) throw invalid("call.tags", `at most ${MAX_TAGS} pairs of 1 to ${MAX_TAG} characters each`);
  const headers = Object.entries(call.routeHeaders);
  const areHeaders = headers.every(([name, value]) => ROUTE_HEADER.test(name) && value.length <= MAX_ROUTE_HEADER);
  if (!areHeaders || headers.length > MAX_ROUTE_HEADERS) {
    throw invalid("call.route_headers", `at most ${MAX_ROUTE_HEADERS} that begin with x-alfred-route-, of ${MAX_ROUTE_HEADER} characters each`);
  }
  return call;
}

/** The chat, with a model and messages. @throws AlfredError INVALID_ARGUMENT */
export function checkChat(chat: ChatRequest | undefined): ChatRequest {
  if (chat === undefined) throw invalid("chat", "set");
  checkModel(chat.model);
  if (chat.messages.length === 0) throw invalid("messages", "a list of at least one message");
  return chat;
}

/**
 * The conversation, with a model and turns.
 * @param needsLimit whether it has to say how long the answer may be
 * @throws AlfredError INVALID_ARGUMENT
 */
export function checkMessage(message: MessageRequest | undefined, needsLimit: boolean): MessageRequest {
  if (message === undefined) throw invalid("message", "set");
  checkModel(message.model);
  if (message.messages.length === 0) throw invalid("messages", "a list of at least one turn");
  message.messages.forEach(({ role }, index) => {
    if (role !== "user" && role !== "assistant") throw invalid(`messages[${index}].role`, '"user" or "assistant"');
  });
  if (needsLimit && !((message.maxTokens ?? 0) >= 1)) throw invalid("max_tokens", "set, and an integer of at least 1");
  if (message.betas.length > MAX_BETAS || !message.betas.every((beta) => BETA.test(beta))) throw invalid("betas", `at most ${MAX_BETAS} names`);
  if (!/^(?:\d{4}-\d\d-\d\d)?$/.test(message.version)) throw invalid("version", 'a date, as "2023-06-01"');
  return message;
}

/** The text to continue, with a model. @throws AlfredError INVALID_ARGUMENT */
export function checkCompletion(completion: CompletionRequest | undefined): CompletionRequest {
  if (completion === undefined) throw invalid("completion", "set");
  checkModel(completion.model);
  if (completion.prompt === undefined) throw invalid("prompt", "a string or a list, not empty");
  return completion;
}

/** What is to be answered, with a model and an input. @throws AlfredError INVALID_ARGUMENT */
export function checkResponse(response: ResponseRequest | undefined): ResponseRequest {
  if (response === undefined) throw invalid("response", "set");
  checkModel(response.model);
  const input = response.input?.input;
  if (input === undefined || (input.$case === "items" && input.value.values.length === 0)) throw invalid("input", "a string or a list of at least one item");
  if (response.maxOutputTokens !== undefined && response.maxOutputTokens < 1) throw invalid("max_output_tokens", "an integer of at least 1");
  return response;
}

/** What to embed, with a model and an input. @throws AlfredError INVALID_ARGUMENT */
export function checkEmbedding(embedding: EmbeddingRequest | undefined): EmbeddingRequest {
  if (embedding === undefined) throw invalid("embedding", "set");
  checkModel(embedding.model);
  if (embedding.input === undefined) throw invalid("input", "a string or a list, not empty");
  return embedding;
}

const MAX_FILENAME = 512;
const MAX_CONTENT_TYPE = 256;

/** What is to be kept. @throws AlfredError INVALID_ARGUMENT */
export function checkFile(upload: FileUpload | undefined): FileUpload {
  if (upload === undefined) throw invalid("upload", "set");
  if (!isText(upload.filename, 1, MAX_FILENAME)) throw invalid("file", `a file with a name of at most ${MAX_FILENAME} characters`);
  if (upload.content.length === 0) throw invalid("file", "a file with something in it");
  if (upload.purpose === "") throw invalid("purpose", 'set, as "batch"');
  if (!/^[\x20-\x7e]*$/.test(upload.contentType) || upload.contentType.length > MAX_CONTENT_TYPE) throw invalid("file", "of a content type in printable characters");
  for (const [name, raw] of Object.entries(upload.extra)) checkRaw(name, raw);
  return upload;
}

/** What says nothing, as labels of which there are none. */
const NOTHING = new Set(["null", "{}", "[]"]);
/** One is for a label of our own. */
const MAX_METADATA = 15;

/** What is to be run. @throws AlfredError INVALID_ARGUMENT */
export function checkBatch(terms: BatchTerms | undefined): BatchTerms {
  if (terms === undefined) throw invalid("terms", "set");
  if (terms.inputFileId === "") throw invalid("input_file_id", "the id of a file");
  if (terms.endpoint === "") throw invalid("endpoint", 'set, as "/v1/chat/completions"');
  if (terms.completionWindow !== "24h") throw invalid("completion_window", '"24h"');
  const labels = Object.entries(terms.metadata);
  if (labels.length > MAX_METADATA || !labels.every(([name, value]) => isText(name, 1, MAX_TAG) && isText(value, 0, MAX_FILENAME))) {
    throw invalid("metadata", `at most ${MAX_METADATA} labels of ${MAX_TAG} characters, with values of at most ${MAX_FILENAME}`);
  }
  for (const [name, raw] of Object.entries(terms.extra)) {
    checkRaw(name, raw);
    if (name !== "output_expires_after" && !NOTHING.has(raw)) throw invalid(name, "left out, since nobody knows it");
  }
  return terms;
}

function checkRaw(name: string, raw: string): void {
  try {
    JSON.parse(raw);
  } catch {
    throw invalid(name, "JSON");
  }
}

/** Which page of a list of objects. @throws AlfredError INVALID_ARGUMENT */
export function checkPage({ limit, order }: { limit: number | undefined; order: string }, usual: number, most: number): { pageSize: number; oldestFirst: boolean } {
  const pageSize = limit ?? usual;
  if (pageSize < 1 || pageSize > most) throw invalid("limit", `from 1 to ${most}`);
  if (order !== "" && order !== "asc" && order !== "desc") throw invalid("order", '"asc" or "desc"');
  return { pageSize, oldestFirst: order === "asc" };
}

/** What to draw, with a model. @throws AlfredError INVALID_ARGUMENT */
export function checkImage(image: ImageRequest | undefined): ImageRequest {
  if (image === undefined) throw invalid("image", "set");
  checkModel(image.model);
  if (image.prompt === "") throw invalid("prompt", "a string, not empty");
  return image;
}

/** What to make of images, with a model and the images. @throws AlfredError INVALID_ARGUMENT */
export function checkImageEdit({ edit, images, mask }: Pick<CreateImageEditRequest, "edit" | "images" | "mask">): { image: ImageRequest; sources: ImageSources } {
  if (edit === undefined) throw invalid("edit", "set");
  const image = checkImage(edit);
  if (images.length < 1 || images.length > MAX_IMAGES) throw invalid("image", `1 to ${MAX_IMAGES} files`);
  const field = images.length === 1 ? "image" : "image[]";
  const files = images.map((file) => toFile(checkMedia(file, "image"), field));
  return { image, sources: { operation: "image_edit", files: [...files, ...(mask === undefined ? [] : [toFile(checkMedia(mask, "mask"), "mask")])] } };
}

/** What to make images like, with a model. @throws AlfredError INVALID_ARGUMENT */
export function checkImageVariation({ variation, source }: CreateImageVariationRequest): { image: ImageRequest; sources: ImageSources } {
  if (variation === undefined) throw invalid("variation", "set");
  checkModel(variation.model);
  if (variation.prompt !== "") throw invalid("prompt", "left out");
  return { image: variation, sources: { operation: "image_variation", files: [toFile(checkMedia(source, "image"), "image")] } };
}

function toFile({ filename, contentType, content }: MediaFile, field: string): RequestFile {
  return { field, filename, contentType, content };
}

/** What to say, with a model. @throws AlfredError INVALID_ARGUMENT */
export function checkSpeech(speech: SpeechRequest | undefined): SpeechRequest {
  if (speech === undefined) throw invalid("speech", "set");
  checkModel(speech.model);
  if (speech.input === "") throw invalid("input", "a string, not empty");
  return speech;
}

/** What to write down, with a model, and with the sound. @throws AlfredError INVALID_ARGUMENT */
export function checkSound<Request extends { model: string }>(asked: Request | undefined, file: MediaFile | undefined, name: string): { asked: Request; file: MediaFile } {
  if (asked === undefined) throw invalid(name, "set");
  checkModel(asked.model);
  return { asked, file: checkMedia(file, "file") };
}

/** A file that is sent along. @throws AlfredError INVALID_ARGUMENT */
function checkMedia(file: MediaFile | undefined, field: string): MediaFile {
  if (file === undefined || file.content.length === 0) throw invalid(field, "a file, not empty");
  if (!isText(file.filename, 0, MAX_FILENAME)) throw invalid(field, `a file with a name of at most ${MAX_FILENAME} characters`);
  if (file.contentType.length > MAX_CONTENT_TYPE) throw invalid(field, `a file whose type has at most ${MAX_CONTENT_TYPE} characters`);
  return file;
}

/** What to judge, with a model. @throws AlfredError INVALID_ARGUMENT */
export function checkModeration(moderation: ModerationRequest | undefined): ModerationRequest {
  if (moderation === undefined) throw invalid("moderation", "set");
  checkModel(moderation.model);
  if (moderation.input === undefined) throw invalid("input", "a string or a list, not empty");
  return moderation;
}

/** @throws AlfredError INVALID_ARGUMENT */
export function checkModel(model: string): void {
  // Answers name it in headers.
  const isName = /^[\x21-\x7e]+$/.test(model) && model.length <= MAX_MODEL;
  if (!isName) throw invalid("model", `a string of 1 to ${MAX_MODEL} printable ASCII characters without spaces`);
}

/** Text that can be kept: control characters and halves of characters cannot. */
function isText(text: string, least: number, most: number): boolean {
  return text.length >= least && text.length <= most && !/\p{Cc}/u.test(text) && text.isWellFormed();
}

function invalid(field: string, expected: string): AlfredError {
  return fail("INVALID_ARGUMENT", `\`${field}\` must be ${expected}.`, { metadata: { field } });
}
