import * as contract from "@alfred/contracts";
import { type Field, FieldMismatch, decimal, flag, integer, list, object, rawJson, text } from "@alfred/openai";
import { blockContent } from "./block.ts";

const turn = object(contract.MessageTurn, { role: text, content: blockContent });

const tool = object(contract.MessageTool, { type: text, name: text, description: text, inputSchema: rawJson });

const toolChoice = object(contract.MessageToolChoice, { type: text, name: text, disableParallelToolUse: flag });

const thinking = object(contract.Thinking, { type: text, budgetTokens: integer });

/** Stands in a header, so that the body has no place for it. */
function inHeader<Value>(header: string): Field<Value> {
  return {
    read() {
      throw new FieldMismatch(`said in the header \`${header}\``);
    },
    write: () => undefined,
  };
}

/** The body of POST /v1/messages, but for `stream`. */
export const messageRequest = object(contract.MessageRequest, {
  model: text,
  maxTokens: integer,
  messages: list(turn),
  system: blockContent,
  temperature: decimal,
  topP: decimal,
  topK: integer,
  stopSequences: list(text),
  tools: list(tool),
  toolChoice,
  thinking,
  serviceTier: text,
  betas: inHeader("anthropic-beta"),
  version: inHeader("anthropic-version"),
});
