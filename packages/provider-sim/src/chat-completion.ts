import type { ChatAnswer, ChoiceAnswer, ToolCallAnswer } from "./chat-answer.ts";
import type { ChatRequest } from "./chat-request.ts";
import { logprobsFor } from "./logprobs.ts";
import { usageJson } from "./usage.ts";

/** The answer as a `chat.completion` object. */
export function chatCompletionJson(request: ChatRequest, answer: ChatAnswer): string {
  const choices = answer.choices.map((choice) => JSON.stringify(choiceObject(request, choice))).join(",");
  const usage = answer.usage === null ? "" : `"usage":${usageJson(answer.usage)},`;
  return (
    `{"id":"${answer.id}","object":"chat.completion","created":${answer.createdS},"model":${JSON.stringify(request.model)},` +
    `"choices":[${choices}],${usage}"service_tier":"default","system_fingerprint":"fp_sim"}`
  );
}

function choiceObject(request: ChatRequest, choice: ChoiceAnswer): object {
  return {
    index: choice.index,
    message: messageObject(choice),
    logprobs: choiceLogprobs(request, choice),
    finish_reason: choice.finishReason,
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
  return type === "function" ? { id, type, function: { name, arguments: text } } : { id, type, custom: { name, input: text } };
}

function choiceLogprobs(request: ChatRequest, { content, refusal }: ChoiceAnswer): object | null {
  if (!request.logprobs) return null;
  if (refusal !== null) return logprobsFor("refusal", refusal, request.topLogprobs);
  return content === null ? null : logprobsFor("content", content, request.topLogprobs);
}
