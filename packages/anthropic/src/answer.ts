import * as contract from "@alfred/contracts";
import { type Field, FieldMismatch, bigInteger, integer, nullable, object, readItems, receipt, text } from "@alfred/openai";
import { block } from "./block.ts";

/** A list that is written even when it is empty, as an answer's is where it begins. */
const blocks: Field<contract.MessageBlock[]> = {
  read(json, strict) {
    if (!Array.isArray(json)) throw new FieldMismatch("a list");
    return readItems(json, block, strict);
  },
  write: (values) => values.map((value) => block.write(value)),
  keepEmpty: true,
};

const usage = object(contract.MessageUsage, {
  inputTokens: bigInteger,
  outputTokens: bigInteger,
  cacheCreationInputTokens: bigInteger,
  cacheReadInputTokens: bigInteger,
});

/** A whole answer, or its beginning. */
export const message = object(contract.Message, {
  id: text,
  type: text,
  role: text,
  model: text,
  content: blocks,
  stopReason: nullable(text),
  stopSequence: nullable(text),
  usage,
});

const delta = object(contract.MessageDelta, {
  type: text,
  text,
  partialJson: text,
  thinking: text,
  signature: text,
  stopReason: text,
  stopSequence: text,
});

/** A piece of an answer. */
export const messageEvent = object(contract.MessageEvent, {
  type: text,
  message,
  index: integer,
  contentBlock: block,
  delta,
  usage,
  alfred: receipt,
});
