import type { ChatAnswer, ChoiceAnswer, ToolCallAnswer } from "../../chat-answer.ts";
import { spokenReasoning } from "../../chat-text.ts";
import type { Stamp } from "../../dialect.ts";
import { logprobOf } from "../../logprob.ts";
import { hashText } from "../../random.ts";
import type { ChatUsage } from "../../usage.ts";
import type { CohereAsk } from "./chat-request.ts";
import { citationsFor } from "./citations.ts";

/** What the templates around a prompt take, which Cohere counts, but does not bill. */
const TEMPLATE_TOKENS = 66;

/** The only choice that Cohere has. */
export function onlyChoice({ choices }: ChatAnswer): ChoiceAnswer {
  const [choice] = choices;
  if (choice === undefined) throw new Error("A chat was answered without a choice.");
  return choice;
}

/** The whole answer. Source: https://docs.cohere.com/reference/chat */
export function chatJson(ask: CohereAsk, answer: ChatAnswer, stamp: Stamp): string {
  const choice = onlyChoice(answer);
  return JSON.stringify({
    id: answerId(stamp),
    message: messageObject(ask, choice),
    finish_reason: finishReason(choice),
    ...(answer.usage === null ? {} : { usage: usageObject(answer.usage) }),
    ...(ask.logprobs ? { logprobs: piecesOf(choice).map(logprobItem) } : {}),
  });
}

/** An id like a UUID, of the number of the request. */
export function answerId({ sequence }: Stamp): string {
  return `00000000-0000-4000-8000-${sequence.toString(16).padStart(12, "0")}`;
}

/** A refusal is text at Cohere. */
export function piecesOf({ content, refusal }: ChoiceAnswer): readonly string[] {
  return content ?? refusal ?? [];
}

function messageObject(ask: CohereAsk, choice: ChoiceAnswer): object {
  const pieces = piecesOf(choice);
  const thoughts = thoughtsOf(choice);
  const thinking = thoughts.length === 0 ? [] : [{ type: "thinking", thinking: thoughts.join("") }];
  if (choice.toolCalls.length > 0) {
    const message = { role: "assistant", tool_plan: planPieces(choice).join(""), tool_calls: choice.toolCalls.map(wholeCall) };
    return thinking.length === 0 ? message : { ...message, content: thinking };
  }
  const citations = citationsFor(pieces, ask.sources, thinking.length);
  const message = { role: "assistant", content: [...thinking, { type: "text", text: pieces.join("") }] };
  return citations.length === 0 ? message : { ...message, citations };
}

/** What the model thinks, token by token. */
export function thoughtsOf({ reasoningTokens }: ChoiceAnswer): string[] {
  return [...spokenReasoning(reasoningTokens)];
}

/** What the model says before it calls tools, token by token. */
export function planPieces({ toolCalls }: ChoiceAnswer): string[] {
  return ["I", " will", " use", ...toolCalls.flatMap(({ name }, index) => (index === 0 ? [` ${name}`] : [" and", ` ${name}`])), "."];
}

/** A call as an answer has it whole. */
function wholeCall(call: ToolCallAnswer): object {
  return callObject(call, call.arguments.join(""));
}

/** A call with the text of its arguments. */
export function callObject({ id, name }: ToolCallAnswer, argumentText: string): object {
  return { id: `${name}_${id}`, type: "function", function: { name, arguments: argumentText } };
}

export function finishReason({ finishReason: reason, stopSequence }: ChoiceAnswer): string {
  if (reason === "length") return "MAX_TOKENS";
  if (reason === "tool_calls") return "TOOL_CALL";
  return stopSequence === null ? "COMPLETE" : "STOP_SEQUENCE";
}

/** Counted twice, as at Cohere: what is billed, and what the model read and wrote, templates included. */
export function usageObject({ prompt, cached, completion }: ChatUsage): object {
  const read = prompt === 0 ? 0 : prompt + TEMPLATE_TOKENS;
  return {
    billed_units: { input_tokens: prompt, output_tokens: completion },
    tokens: { input_tokens: read, output_tokens: completion },
    cached_tokens: cached,
  };
}

/** The log probability of one token. */
export function logprobItem(text: string): object {
  return { text, token_ids: [(hashText(text) >>> 0) % 100_000], logprobs: [logprobOf(text, 0)] };
}
