import type { ChatAnswer, ChoiceAnswer, ToolCallAnswer } from "../../chat-answer.ts";
import type { Stamp } from "../../dialect.ts";
import type { ChatRequest } from "./chat-request.ts";
import { logprobsFor } from "./logprobs.ts";
import { usageJson } from "./usage.ts";

/** The answer as a `chat.completion` object. */
export function chatCompletionJson(request: ChatRequest, answer: ChatAnswer, stamp: Stamp): string {
  const choices = answer.choices.map((choice) => JSON.stringify(choiceObject(request, choice))).join(",");
  const usage = answer.usage === null ? "" : `"usage":${usageJson(answer.usage)},`;
  return (
    `{"id":"chatcmpl-sim-${stamp.sequence}","object":"chat.completion","created":${createdS(stamp)},"model":${JSON.stringify(request.model)},` +
    `"choices":[${choices}],${usage}"service_tier":"default","system_fingerprint":"fp_sim"}`
  );
}

/** The time of an answer in seconds. */
export function createdS({ nowMs }: Stamp): number {
  return Math.floor(nowMs / 1_000);
}

/** OpenAI finishes with `stop` where the request named the one function to call. */
export function finishReason({ toolChoice }: ChatRequest, { finishReason: reason }: ChoiceAnswer): ChoiceAnswer["finishReason"] {
  return reason === "tool_calls" && toolChoice.mode === "named" ? "stop" : reason;
}

function choiceObject(request: ChatRequest, choice: ChoiceAnswer): object {
  return {
    index: choice.index,
    message: messageObject(choice),
    logprobs: choiceLogprobs(request, choice),
    finish_reason: finishReason(request, choice),
  };
}

function messageObject({ content, refusal, toolCalls }: ChoiceAnswer): object {
  const message = {
    role: "assistant",
    content: content === null ? null : content.join(""),
    refusal: refusal === null ? null : refusal.join(""),
    annotations: [],
  };
  return toolCalls.length === 0 ? message : { ...message, tool_calls: toolCalls.map(toolCallObject) };
}

function toolCallObject({ id, type, name, arguments: pieces }: ToolCallAnswer): object {
  const text = pieces.join("");
  const call = { id: `call_sim_${id}`, type };
  return type === "function" ? { ...call, function: { name, arguments: text } } : { ...call, custom: { name, input: text } };
}

function choiceLogprobs(request: ChatRequest, { content, refusal }: ChoiceAnswer): object | null {
  if (!request.logprobs) return null;
  if (refusal !== null) return logprobsFor("refusal", refusal, request.topLogprobs);
  return content === null ? null : logprobsFor("content", content, request.topLogprobs);
}
