import * as contract from "@alfred/contracts";
import { stop, streamOptions } from "./chat.ts";
import { textInput } from "./embedding.ts";
import { bigInteger, decimal, dictionary, flag, fullList, integer, nullable, rawJson, text } from "./field.ts";
import { tokenUsage } from "./message.ts";
import { object } from "./object.ts";
import { receipt } from "./receipt.ts";

/** The body of POST /v1/completions, but for `stream`. */
export const completionRequest = object(contract.CompletionRequest, {
  model: text,
  prompt: textInput,
  bestOf: integer,
  echo: flag,
  frequencyPenalty: decimal,
  logitBias: dictionary(decimal),
  logprobs: integer,
  maxTokens: integer,
  n: integer,
  presencePenalty: decimal,
  seed: bigInteger,
  stop,
  streamOptions,
  suffix: text,
  temperature: decimal,
  topP: decimal,
  user: text,
});

const choice = object(contract.CompletionChoice, {
  text,
  index: integer,
  logprobs: nullable(rawJson),
  finishReason: nullable(text),
});

/** What continues a text, whole or a piece of it. */
export const completion = object(contract.Completion, {
  id: text,
  object: text,
  created: bigInteger,
  model: text,
  choices: fullList(choice),
  usage: tokenUsage,
  systemFingerprint: text,
  alfred: receipt,
});
