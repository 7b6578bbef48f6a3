import * as contract from "@alfred/contracts";
import { bigInteger, fullList, integer, nullable, object, receipt, text } from "@alfred/openai";
import { block } from "./block.ts";

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
  // An answer that begins has none yet.
  content: fullList(block),
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
