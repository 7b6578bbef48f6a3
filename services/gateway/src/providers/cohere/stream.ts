import type { ChatCompletionChunk, ChatDelta, ChunkChoice, TokenUsage } from "@alfred/contracts";
import { parseJson } from "@alfred/openai";
import { StreamFault, type ChatStreamReader, type StreamFrame } from "../dialect.ts";
import { objectOf, requireObject, textOf, type Json } from "../loose-json.ts";
import { readCall } from "./answer.ts";
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
    const delta = readDelta(type, frame);
    if (delta === undefined) return [];
    const logprobs = type === "content-delta" ? readLogprobs(frame["logprobs"]) : undefined;
    return [this.#chunk({ index: 0, delta, logprobs, extra: {} })];
  }

  #end(end: Json): ChatCompletionChunk {
    const error = textOf(end["error"]);
    if (error !== undefined || isFailure(end["finish_reason"])) {
      throw new StreamFault(textOf(end["finish_reason"]) ?? "ERROR", error ?? "The provider failed while it answered.");
    }
    this.#isWhole = true;
    const finishReason = readFinishReason(end["finish_reason"]) ?? "stop";
    return this.#chunk({ index: 0, delta: newDelta({}), finishReason, extra: {} }, readUsage(end["usage"]));
  }

  #chunk(choice: ChunkChoice, usage?: TokenUsage): ChatCompletionChunk {
    const head = { id: this.#id, object: "chat.completion.chunk", created: 0n, model: "" };
    return { ...head, choices: [choice], usage, alfred: undefined, extra: {} };
  }
}

/** A frame without a type is an error as a refusal has it. */
function fault(frame: Json): StreamFault {
  return new StreamFault(textOf(frame["code"]) ?? "ERROR", textOf(frame["message"]) ?? "The provider gave no reason.");
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
      return newDelta({ toolCalls: [{ ...readCall(firstOf(message["tool_calls"])), index: indexOf(frame) }] });
    case "citation-start":
      return newDelta({ extra: citationExtra([firstOf(message["citations"])]) });
    default:
      return undefined;
  }
}

function readContent(content: Json): ChatDelta | undefined {
  const text = textOf(content["text"]) ?? "";
  const thoughts = textOf(content["thinking"]) ?? "";
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
