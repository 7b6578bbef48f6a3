import type { ChatCompletionChunk, ChatDelta, ChunkChoice, TokenUsage } from "@alfred/contracts";
import { parseJson } from "@alfred/openai";
import { StreamFault, type ChatStreamReader, type StreamFrame } from "../dialect.ts";
import { objectOf, requireObject, textOf, unknownFields, type Json } from "../loose-json.ts";
import { otherBlocks, readCall } from "./answer.ts";
import { citationExtra } from "./citations.ts";
import { isFailure, readFinishReason } from "./finish.ts";
import { readLogprobs } from "./logprobs.ts";
import { readUsage } from "./usage.ts";

/**
 * A streamed answer: typed events, of which `message-end` is the last and tells the usage.
 *
 * Sources: https://docs.cohere.com/docs/streaming, https://docs.cohere.com/docs/tool-use-streaming
 */
export class CohereStream implements ChatStreamReader {
  #id = "";
  #isWhole = false;
  /** Calls that have begun, and said no arguments yet. */
  readonly #silent = new Set<number>();

  get isWhole(): boolean {
    return this.#isWhole;
  }

  get isOver(): boolean {
    return this.#isWhole;
  }

  push({ event, data }: StreamFrame): ChatCompletionChunk[] {
    if (data === "" || data === "[DONE]") return [];
    const frame = requireObject(parseJson(data));
    const type = textOf(frame["type"]) ?? event;
    if (type === "" || type === "error") throw fault(frame);
    if (type === "message-start") this.#id = textOf(frame["id"]) ?? "";
    if (type === "message-end") return [this.#end(objectOf(frame["delta"]))];
    const delta = type === "tool-call-end" ? this.#endCall(frame) : readDelta(type, frame);
    for (const { index = 0, function: called } of delta?.toolCalls ?? []) this.#hear(index, type, called?.arguments ?? "");
    if (delta === undefined) return [];
    const logprobs = type === "content-delta" ? readLogprobs(frame["logprobs"]) : undefined;
    return [{ ...this.#chunk({ index: 0, delta, logprobs, extra: {} }), extra: unknownFields(frame, KNOWN_OF_EVENT) }];
  }

  #hear(index: number, type: string, text: string): void {
    if (type === "tool-call-start" && this.#silent.size < MAX_CALLS) this.#silent.add(index);
    if (text !== "") this.#silent.delete(index);
  }

  /** A call that ends without arguments has none, which OpenAI says as an empty object. */
  #endCall(frame: Json): ChatDelta | undefined {
    const index = indexOf(frame);
    if (!this.#silent.delete(index)) return undefined;
    return newDelta({ toolCalls: [{ index, function: { arguments: "{}", extra: {} }, extra: {} }] });
  }

  #end(end: Json): ChatCompletionChunk {
    const error = textOf(end["error"]);
    if (error !== undefined || isFailure(end["finish_reason"])) {
      throw new StreamFault(error ?? "The provider failed while it answered.");
    }
    this.#isWhole = true;
    const finishReason = readFinishReason(end["finish_reason"]) ?? "stop";
    const chunk = this.#chunk({ index: 0, delta: newDelta({}), finishReason, extra: {} }, readUsage(end["usage"]));
    return { ...chunk, extra: unknownFields(end, KNOWN_OF_END) };
  }

  #chunk(choice: ChunkChoice, usage?: TokenUsage): ChatCompletionChunk {
    const head = { id: this.#id, object: "chat.completion.chunk", created: 0n, model: "" };
    return { ...head, choices: [choice], usage, alfred: undefined, extra: {} };
  }
}

/** Calls of one answer whose arguments are watched: more than any model makes. */
const MAX_CALLS = 1_024;

const KNOWN_OF_EVENT = new Set(["type", "id", "index", "delta", "logprobs"]);
const KNOWN_OF_END = new Set(["finish_reason", "usage", "error"]);

/** A frame without a type is an error as a refusal has it. */
function fault(frame: Json): StreamFault {
  return new StreamFault(textOf(frame["message"]) ?? "The provider gave no reason.");
}

/** What an event adds; undefined where it adds nothing, as the ends of blocks do, or is not known. */
function readDelta(type: string, frame: Json): ChatDelta | undefined {
  const message = objectOf(objectOf(frame["delta"])["message"]);
  switch (type) {
    case "message-start":
      return newDelta({ role: "assistant" });
    case "content-start":
    case "content-delta":
      return readContent(objectOf(message["content"]));
    case "tool-plan-delta":
      return readPlan(textOf(message["tool_plan"]) ?? "");
    case "tool-call-start":
    case "tool-call-delta":
      return newDelta({ toolCalls: [{ ...readCall(firstOf(message["tool_calls"]), ""), index: indexOf(frame) }] });
    case "citation-start":
      return newDelta({ extra: citationExtra([firstOf(message["citations"])]) });
    default:
      return undefined;
  }
}

function readContent(content: Json): ChatDelta | undefined {
  const text = textOf(content["text"]) ?? "";
  const thoughts = textOf(content["thinking"]) ?? "";
  const { type = "text" } = content;
  if (type !== "text" && type !== "thinking") return newDelta({ extra: otherBlocks([content]) });
  if (text === "" && thoughts === "") return undefined;
  return newDelta({ ...(text === "" ? {} : { content: text }), ...(thoughts === "" ? {} : { reasoningContent: thoughts }) });
}

function readPlan(plan: string): ChatDelta | undefined {
  return plan === "" ? undefined : newDelta({ reasoningContent: plan, extra: { tool_plan: JSON.stringify(plan) } });
}

function newDelta(fields: Partial<ChatDelta>): ChatDelta {
  return { toolCalls: [], extra: {}, ...fields };
}

/** One call or citation, which some versions put in a list. */
function firstOf(json: unknown): Json {
  return objectOf(Array.isArray(json) ? json[0] : json);
}

function indexOf(frame: Json): number {
  const { index } = frame;
  return typeof index === "number" && Number.isSafeInteger(index) && index >= 0 ? index : 0;
}
