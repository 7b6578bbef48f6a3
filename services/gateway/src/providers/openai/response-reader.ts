import { type ChatCompletion, type ChatCompletionChunk, ChatDelta, ChatMessage, type ModelResponse, type ResponseEvent, type ResponseItem, ToolCall } from "@alfred/contracts";
import { FieldMismatch, isObject, parseJson, readResponse, readResponseEvent } from "@alfred/openai";
import { plainText } from "../../responses/content.ts";
import { fromResponseUsage } from "../../responses/usage.ts";
import { type ChatStreamReader, type StreamFrame, StreamFault } from "../dialect.ts";
import { requireObject } from "../loose-json.ts";
import { readError, saysError } from "./refusal.ts";

/** Why an answer ended, in a chat's words. */
const REASONS: Readonly<Record<string, string>> = { max_output_tokens: "length", content_filter: "content_filter" };

/**
 * Reads a whole answer of the Responses API as a chat's, by which it is counted and paid for; the client is told it as it is.
 *
 * Source: https://platform.openai.com/docs/api-reference/responses/object
 * @throws FieldMismatch where it is none
 */
export function readResponseAnswer(json: unknown): ChatCompletion {
  const { output, error } = requireObject(json);
  const response = readResponse(json);
  const isRead = Array.isArray(output) && response.output.length === output.length;
  if (!isRead || (output.length === 0 && saysError(error))) throw new FieldMismatch("a list of objects").under("output");
  const message = ChatMessage.create({
    role: "assistant",
    content: { $case: "text", value: response.output.filter(({ type }) => type === "message").map(saidOf).join("") },
    reasoningContent: response.output.filter(({ type }) => type === "reasoning").map(thoughtOf).join(""),
    toolCalls: response.output.flatMap(callOf),
  });
  const { id, model, usage, createdAt = 0n } = response;
  const choices = [{ index: 0, message, finishReason: reasonOf(response), extra: {} }];
  return { id, object: "chat.completion", created: createdAt, model, choices, usage: fromResponseUsage(usage), extra: {} };
}

function reasonOf({ incompleteDetails, output }: ModelResponse): string {
  const reason = incompleteDetails?.reason;
  if (reason !== undefined) return REASONS[reason] ?? reason;
  return output.some(({ type }) => type === "function_call" || type === "custom_tool_call") ? "tool_calls" : "stop";
}

function saidOf({ content }: ResponseItem): string {
  const parts = content?.content?.$case === "parts" ? content.content.value.values : [];
  return parts.map(({ text, refusal }) => text ?? refusal ?? "").join("");
}

function thoughtOf({ summary, content }: ResponseItem): string {
  return summary.map(({ text }) => text ?? "").join("") + plainText(content);
}

function callOf({ type, callId, name, arguments: text, input }: ResponseItem): ToolCall[] {
  if (type !== "function_call" && type !== "custom_tool_call") return [];
  return [ToolCall.create({ id: callId, type: "function", function: { name, arguments: text ?? input, extra: {} } })];
}

/**
 * The same of a stream: its events as chunks of a chat. It is whole once the provider said that the answer is complete, or why
 * it is not.
 *
 * Source: https://platform.openai.com/docs/api-reference/responses-streaming
 */
export class ResponseReader implements ChatStreamReader {
  #id = "";
  #model = "";
  #isOver = false;

  get isWhole(): boolean {
    return this.#isOver;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  push({ event: name, data }: StreamFrame): ChatCompletionChunk[] {
    if (data === "" || data === "[DONE]" || this.#isOver) return [];
    const json = parseJson(data);
    if (isObject(json) && (json["type"] ?? name) === "error") throw faultOf(json);
    const event = readResponseEvent(json);
    const { response } = event;
    if (response?.id) this.#id = response.id;
    if (response?.model) this.#model = response.model;
    if (event.type === "response.failed") throw new StreamFault(response?.error?.message ?? "");
    this.#isOver = event.type === "response.completed" || event.type === "response.incomplete";
    if (this.#isOver && response !== undefined) return [this.#end(response)];
    const delta = deltaOf(event);
    return delta === undefined ? [] : [this.#chunk(delta)];
  }

  #end(response: ModelResponse): ChatCompletionChunk {
    const chunk = this.#chunk(ChatDelta.create());
    const choices = chunk.choices.map((choice) => ({ ...choice, finishReason: reasonOf(response) }));
    return { ...chunk, choices, usage: fromResponseUsage(response.usage) };
  }

  #chunk(delta: ChatDelta): ChatCompletionChunk {
    const choices = [{ index: 0, delta, finishReason: undefined, logprobs: undefined, extra: {} }];
    return { id: this.#id, object: "chat.completion.chunk", created: 0n, model: this.#model, choices, usage: undefined, alfred: undefined, extra: {} };
  }
}

/** What an event adds to the answer; nothing else has to be counted. */
function deltaOf({ type, delta, item, outputIndex }: ResponseEvent): ChatDelta | undefined {
  if (type === "response.created") return ChatDelta.create({ role: "assistant" });
  if (type === "response.output_item.added" && item?.name !== undefined) return callDelta(outputIndex, item.name);
  if (delta === undefined) return undefined;
  if (type === "response.function_call_arguments.delta" || type === "response.custom_tool_call_input.delta") return callDelta(outputIndex, undefined, delta);
  if (type === "response.refusal.delta") return ChatDelta.create({ refusal: delta });
  return type.startsWith("response.reasoning") ? ChatDelta.create({ reasoningContent: delta }) : ChatDelta.create({ content: delta });
}

function callDelta(index: number | undefined, name: string | undefined, text?: string): ChatDelta {
  return ChatDelta.create({ toolCalls: [{ index, function: { name, arguments: text, extra: {} }, extra: {} }] });
}

/** The API documents the fields of an error at the top, and has them under `error`. */
function faultOf(json: Record<string, unknown>): StreamFault {
  return new StreamFault(readError(json)?.message ?? "no reason given");
}
