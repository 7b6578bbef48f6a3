import { type ChatCompletion, type ChatMessage, type Message, MessageBlock, type ToolCall } from "@alfred/contracts";
import { isObject } from "@alfred/openai";
import { carriedOf } from "../providers/carried.ts";
import { readLoosely } from "../providers/loose-json.ts";
import { textBlock } from "./content.ts";
import { toStopReason } from "./stop-reason.ts";
import { toMessageUsage } from "./usage.ts";

/** A whole answer in Anthropic's form: the first choice, since one is all that is asked for. */
export function toMessage({ id, model, choices, usage }: ChatCompletion): Message {
  const [choice] = choices;
  return {
    id,
    type: "message",
    role: "assistant",
    model,
    content: choice?.message === undefined ? [] : blocksOfAnswer(choice.message),
    stopReason: choice?.finishReason === undefined ? undefined : toStopReason(choice.finishReason, (choice.message?.toolCalls.length ?? 0) > 0),
    stopSequence: undefined,
    usage: usage && toMessageUsage(usage),
    extra: {},
  };
}

function blocksOfAnswer({ content, reasoningContent, refusal, toolCalls, extra }: ChatMessage): MessageBlock[] {
  const texts = content?.$case === "parts" ? content.value.values.map(({ text }) => text ?? "") : [content?.value ?? ""];
  const said = [...texts, refusal ?? ""].filter((text) => text !== "").map((text) => textBlock(text));
  const thought = reasoningContent === undefined || reasoningContent === "" ? [] : [thinkingBlock(reasoningContent)];
  const blocks = [...thought, ...said, ...toolCalls.map(toolUse)];
  const bearer = said.at(-1) ?? thought.at(-1);
  if (bearer !== undefined) bearer.extra = { ...bearer.extra, ...carriedOf(extra) };
  return blocks;
}

/** Thoughts of providers that sign none: an empty signature stands for that, since clients expect one. */
function thinkingBlock(thinking: string): MessageBlock {
  return MessageBlock.create({ type: "thinking", thinking, signature: "" });
}

function toolUse({ id, function: called, extra }: ToolCall): MessageBlock {
  const input = toInput(called?.arguments);
  return MessageBlock.create({ type: "tool_use", id: id ?? "", name: called?.name ?? "", input, extra: carriedOf(extra) });
}

/**
 * The input of a call as the API has it, an object. What a model wrote that is none is told whole under the name that the
 * documentation proposes for it.
 *
 * Source: https://platform.claude.com/docs/en/agents-and-tools/tool-use/fine-grained-tool-streaming, "Handling invalid JSON in tool responses"
 */
function toInput(text = ""): string {
  if (text.trim() === "") return "{}";
  return isObject(readLoosely(text)) ? text : JSON.stringify({ INVALID_JSON: text });
}
