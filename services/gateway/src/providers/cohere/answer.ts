import type { ChatCompletion, ChatMessage, ToolCall } from "@alfred/contracts";
import { FieldMismatch, isObject } from "@alfred/openai";
import { NO_CONTENT, listOf, objectOf, requireObject, textOf, unknownFields, type Json } from "../loose-json.ts";
import { citationExtra } from "./citations.ts";
import { readFinishReason } from "./finish.ts";
import { readLogprobs } from "./logprobs.ts";
import { readUsage } from "./usage.ts";

const KNOWN = new Set(["id", "message", "finish_reason", "usage", "logprobs"]);
const KNOWN_OF_MESSAGE = new Set(["role", "content", "tool_calls", "citations"]);

/**
 * Reads a whole answer. Cohere names neither the model nor the time, so that these are empty.
 *
 * Source: https://docs.cohere.com/reference/chat
 *
 * @throws FieldMismatch where there is no answer in it
 */
export function readChat(json: unknown): ChatCompletion {
  const answer = requireObject(json);
  if (!isObject(answer["message"])) throw new FieldMismatch("an object").under("message");
  return {
    id: textOf(answer["id"]) ?? "",
    object: "chat.completion",
    created: 0n,
    model: "",
    choices: [
      {
        index: 0,
        message: readMessage(answer["message"]),
        finishReason: readFinishReason(answer["finish_reason"]),
        logprobs: readLogprobs(answer["logprobs"]),
        extra: {},
      },
    ],
    usage: readUsage(answer["usage"]),
    extra: unknownFields(answer, KNOWN),
  };
}

/** The plan to use tools is told as thoughts, and by its own name, under which it goes back. */
function readMessage(message: Json): ChatMessage {
  const blocks = listOf(message["content"]).map(objectOf);
  const text = textOf(message["content"]) ?? joined(blocks, "text");
  const thoughts = joined(blocks, "thinking") || (textOf(message["tool_plan"]) ?? "");
  const citations = citationExtra(listOf(message["citations"]));
  const toolCalls = listOf(message["tool_calls"]).map((call) => readCall(objectOf(call), "{}"));
  const others = blocks.filter(({ type }) => type !== "text" && type !== "thinking");
  const isSilent = text === "" && toolCalls.length > 0;
  return {
    role: "assistant",
    content: isSilent ? undefined : { $case: "text", value: text },
    toolCalls,
    reasoningContent: thoughts === "" ? undefined : thoughts,
    extra: { ...(isSilent ? NO_CONTENT : {}), ...otherBlocks(others), ...unknownFields(message, KNOWN_OF_MESSAGE), ...citations },
  };
}

function joined(blocks: readonly Json[], field: string): string {
  return blocks.map((block) => textOf(block[field]) ?? "").join("");
}

/** Blocks of a form that is not known, whole. */
export function otherBlocks(blocks: readonly Json[]): Record<string, string> {
  return blocks.length === 0 ? {} : { content_blocks: JSON.stringify(blocks) };
}

const KNOWN_OF_CALL = new Set(["id", "type", "function", "index"]);
const KNOWN_OF_FUNCTION = new Set(["name", "arguments"]);

/** A call, whole or in pieces. @param none what stands for arguments that are empty: an empty object, once it is whole */
export function readCall(call: Json, none: "{}" | ""): ToolCall {
  const { name, arguments: text }: Json = objectOf(call["function"]);
  const called = { name: textOf(name), arguments: textOf(text) || none, extra: unknownFields(objectOf(call["function"]), KNOWN_OF_FUNCTION) };
  return { id: textOf(call["id"]), type: textOf(call["type"]), function: called, extra: unknownFields(call, KNOWN_OF_CALL) };
}
