import * as contract from "@alfred/contracts";
import {
  FieldMismatch,
  bigInteger,
  decimal,
  dictionary,
  flag,
  fullList,
  integer,
  list,
  nullable,
  rawJson,
  readItems,
  text,
  type Field,
} from "./field.ts";
import { chatMessage, responseFormat, tokenUsage, tool, toolCall, toolChoice } from "./message.ts";
import { object } from "./object.ts";
import { receipt } from "./receipt.ts";

export const streamOptions = object(contract.StreamOptions, { includeUsage: flag });

/** One sequence, or several. */
export const stop: Field<NonNullable<contract.ChatRequest["stop"]>> = {
  read(json, strict) {
    if (typeof json === "string") return { $case: "stopText", value: json };
    if (!Array.isArray(json)) throw new FieldMismatch("a string or a list of strings");
    return { $case: "stopList", value: { values: readItems(json, text, strict) } };
  },
  write: (value) => (value.$case === "stopText" ? value.value : value.value.values),
};

/** The body of POST /v1/chat/completions, but for `stream`. */
export const chatRequest = object(contract.ChatRequest, {
  model: text,
  messages: list(chatMessage),
  temperature: decimal,
  topP: decimal,
  n: integer,
  stop,
  maxTokens: integer,
  maxCompletionTokens: integer,
  presencePenalty: decimal,
  frequencyPenalty: decimal,
  logitBias: dictionary(decimal),
  logprobs: flag,
  topLogprobs: integer,
  user: text,
  seed: bigInteger,
  tools: list(tool),
  toolChoice,
  parallelToolCalls: flag,
  responseFormat,
  reasoningEffort: text,
  streamOptions,
  serviceTier: text,
  store: flag,
  metadata: dictionary(text),
  modalities: list(text),
  verbosity: text,
  promptCacheKey: text,
  safetyIdentifier: text,
});

const chatChoice = object(contract.ChatChoice, {
  index: integer,
  message: chatMessage,
  finishReason: nullable(text),
  logprobs: rawJson,
});

/** A whole answer. */
export const chatCompletion = object(contract.ChatCompletion, {
  id: text,
  object: text,
  created: bigInteger,
  model: text,
  choices: list(chatChoice),
  usage: tokenUsage,
  serviceTier: text,
  systemFingerprint: text,
});

/** What a piece adds to one of the answers. */
export const chatDelta = object(contract.ChatDelta, {
  role: text,
  content: text,
  refusal: text,
  reasoningContent: text,
  toolCalls: list(toolCall),
});

/** A piece of one of the answers. */
export const chunkChoice = object(contract.ChunkChoice, {
  index: integer,
  delta: chatDelta,
  finishReason: nullable(text),
  logprobs: rawJson,
});

/** A piece of an answer. */
export const chatChunk = object(contract.ChatCompletionChunk, {
  id: text,
  object: text,
  created: bigInteger,
  model: text,
  choices: fullList(chunkChoice),
  usage: tokenUsage,
  serviceTier: text,
  systemFingerprint: text,
  alfred: receipt,
});
