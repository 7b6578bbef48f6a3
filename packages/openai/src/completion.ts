import * as contract from "@alfred/contracts";
import { stop, streamOptions } from "./chat.ts";
import { textInput } from "./embedding.ts";
import { FieldMismatch, bigInteger, decimal, dictionary, flag, integer, nullable, rawJson, readItems, text, type Field } from "./field.ts";
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

/** Written even when it is empty, as in the last piece of a stream. */
const choices: Field<contract.CompletionChoice[]> = {
  read(json, strict) {
    if (!Array.isArray(json)) throw new FieldMismatch("a list");
    return readItems(json, choice, strict);
  },
  write: (values) => values.map((value) => choice.write(value)),
  keepEmpty: true,
};

/** What continues a text, whole or a piece of it. */
export const completion = object(contract.Completion, {
  id: text,
  object: text,
  created: bigInteger,
  model: text,
  choices,
  usage: tokenUsage,
  systemFingerprint: text,
  alfred: receipt,
});
