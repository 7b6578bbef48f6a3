import type { ChatAnswer, ChoiceAnswer, ToolCallAnswer } from "../../chat-answer.ts";
import { spokenReasoning } from "../../chat-text.ts";
import type { Stamp } from "../../dialect.ts";
import type { JsonObject } from "../../json-fields.ts";
import type { ChatUsage } from "../../usage.ts";
import { createdS } from "./chat-completion.ts";
import { logprobsFor } from "./logprobs.ts";
import { encryptedThoughts } from "./responses-items.ts";
import type { ResponsesAsk } from "./responses-request.ts";

/** An item of an answer: how it begins, how it ends, and in which pieces it is said. */
export type AnswerItem = ThoughtsItem | MessageItem | CallItem;

interface ThoughtsItem {
  readonly kind: "reasoning";
  readonly id: string;
  readonly opening: object;
  readonly whole: object;
  /** Empty where no summary is told. */
  readonly pieces: readonly string[];
}

interface MessageItem {
  readonly kind: "output_text" | "refusal";
  readonly id: string;
  readonly opening: object;
  readonly whole: object;
  readonly pieces: readonly string[];
  /** Whether log probabilities are told, and the alternatives of each. */
  readonly logprobs: number | undefined;
}

interface CallItem {
  readonly kind: "function" | "custom";
  readonly id: string;
  readonly opening: object;
  readonly whole: object;
  readonly pieces: readonly string[];
}

/** The items of an answer, in order. */
export function answerItems(ask: ResponsesAsk, { choices: [choice] }: ChatAnswer, { sequence }: Stamp): AnswerItem[] {
  if (choice === undefined) return [];
  const thoughts = choice.reasoningTokens === 0 ? [] : [thoughtsItem(ask, choice, sequence)];
  const calls = choice.toolCalls.map((call, index) => callItem(call, statusOf(choice, index)));
  return [...thoughts, ...(choice.content === null && choice.refusal === null ? [] : [messageItem(ask, choice, sequence)]), ...calls];
}

function thoughtsItem({ includes, tellsThoughts }: ResponsesAsk, { reasoningTokens }: ChoiceAnswer, sequence: number): ThoughtsItem {
  const head = { id: `rs_sim_${sequence}`, type: "reasoning", ...(includes.has("reasoning.encrypted_content") ? { encrypted_content: encryptedThoughts(sequence) } : {}) };
  const pieces = tellsThoughts ? [...spokenReasoning(reasoningTokens)] : [];
  const summary = pieces.length === 0 ? [] : [{ type: "summary_text", text: pieces.join("") }];
  return { kind: "reasoning", id: head.id, opening: { ...head, summary: [] }, whole: { ...head, summary }, pieces };
}

function messageItem({ includes, topLogprobs }: ResponsesAsk, choice: ChoiceAnswer, sequence: number): MessageItem {
  const { content, refusal } = choice;
  const head = { id: `msg_sim_${sequence}`, type: "message", role: "assistant" };
  const logprobs = includes.has("message.output_text.logprobs") ? topLogprobs : undefined;
  const kind = refusal === null ? "output_text" : "refusal";
  const pieces = refusal ?? content ?? [];
  const part = partOf(kind, pieces.join(""), logprobsOf(pieces, logprobs));
  return { kind, id: head.id, pieces, logprobs, opening: { ...head, status: "in_progress", content: [] }, whole: { ...head, status: statusOf(choice), content: [part] } };
}

/** A part of a message. */
export function partOf(kind: MessageItem["kind"], text: string, logprobs: readonly unknown[]): object {
  return kind === "refusal" ? { type: kind, refusal: text } : { type: kind, text, annotations: [], logprobs };
}

/** The log probabilities of tokens, where they are asked for. */
export function logprobsOf(pieces: readonly string[], top: number | undefined): readonly unknown[] {
  if (top === undefined) return [];
  const { content } = logprobsFor("content", pieces, top) as { content: readonly unknown[] };
  return content;
}

function callItem({ id, type, name, arguments: pieces }: ToolCallAnswer, status: string): CallItem {
  const [prefix, itemType, field] = type === "custom" ? ["ctc", "custom_tool_call", "input"] : ["fc", "function_call", "arguments"];
  const head = { id: `${prefix}_sim_${id}`, type: itemType, call_id: `call_sim_${id}`, name };
  return { kind: type, id: head.id, pieces, opening: { ...head, status: "in_progress", [field]: "" }, whole: { ...head, status, [field]: pieces.join("") } };
}

/** Of several calls the last is the one that a limit cuts. */
function statusOf({ finishReason, toolCalls }: ChoiceAnswer, index = toolCalls.length - 1): string {
  return finishReason === "length" && index === toolCalls.length - 1 ? "incomplete" : "completed";
}

/** The answer as a `response` object, as it stands: before its end it says nothing yet. Source: https://platform.openai.com/docs/api-reference/responses/object */
export function responseObject(ask: ResponsesAsk, answer: ChatAnswer, stamp: Stamp, isOver: boolean): JsonObject {
  const isCut = answer.choices[0]?.finishReason === "length";
  const { body } = ask;
  return {
    id: `resp_sim_${stamp.sequence}`, object: "response", created_at: createdS(stamp), status: isOver ? (isCut ? "incomplete" : "completed") : "in_progress",
    background: false, error: null, incomplete_details: isOver && isCut ? { reason: "max_output_tokens" } : null,
    instructions: body["instructions"] ?? null, max_output_tokens: body["max_output_tokens"] ?? null, model: ask.model,
    output: isOver ? answerItems(ask, answer, stamp).map(({ whole }) => whole) : [],
    parallel_tool_calls: ask.parallelToolCalls, previous_response_id: body["previous_response_id"] ?? null, reasoning: { effort: null, summary: null, ...objectOf(body["reasoning"]) },
    service_tier: "default", store: body["store"] ?? true, temperature: body["temperature"] ?? 1, text: { format: { type: "text" }, verbosity: "medium", ...objectOf(body["text"]) },
    tool_choice: body["tool_choice"] ?? "auto", tools: body["tools"] ?? [], top_logprobs: ask.topLogprobs, top_p: body["top_p"] ?? 1, truncation: body["truncation"] ?? "disabled",
    usage: isOver && answer.usage !== null ? usageObject(answer.usage) : null, user: body["user"] ?? null, metadata: body["metadata"] ?? {},
  };
}

function objectOf(value: unknown): object {
  return typeof value === "object" && value !== null ? value : {};
}

function usageObject({ prompt, cached, completion, reasoning }: ChatUsage): object {
  return {
    input_tokens: prompt, input_tokens_details: { cached_tokens: cached, cache_write_tokens: 0 },
    output_tokens: completion, output_tokens_details: { reasoning_tokens: reasoning }, total_tokens: prompt + completion,
  };
}
