import type { ChatCompletionChunk, ChatDelta, ChunkChoice } from "@alfred/contracts";
import { parseJson } from "@alfred/openai";
import { StreamFault, type ChatStreamReader, type StreamFrame } from "../dialect.ts";
import { Kept } from "../kept.ts";
import { listOf, objectOf, requireObject, textOf, type Json } from "../loose-json.ts";
import { readAnnotations } from "./annotations.ts";
import { answerExtra } from "./answer.ts";
import { candidateExtra, extraOf, indexOf, readParts, type Said } from "./candidate.ts";
import { readBlock, readFinishReason } from "./finish.ts";
import { readLogprobs } from "./logprobs.ts";
import { readGoogleError } from "./refusal.ts";
import { readUsage } from "./usage.ts";

/** One of the answers, as far as it was streamed. */
interface Told {
  /** Its text, by which spans are found that are counted in bytes. */
  text: string;
  calls: number;
  isOver: boolean;
  /** Citations are told again with each piece. */
  readonly annotations: Set<string>;
}

/**
 * A streamed answer: each frame is an answer of its own with what is added. There is no frame for the end: it is whole
 * once each candidate has a reason to stop, or the prompt was blocked. Usage is cumulative in every frame.
 *
 * Source: https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent
 */
export class GeminiStream implements ChatStreamReader {
  readonly #told = new Map<number, Told>();
  readonly #kept = new Kept();
  #isBlocked = false;
  #id = "";
  #model = "";

  get isWhole(): boolean {
    if (this.#isBlocked) return true;
    return this.#told.size > 0 && this.#told.values().every(({ isOver }) => isOver);
  }

  push({ data }: StreamFrame): ChatCompletionChunk[] {
    if (data === "") return [];
    const json = parseJson(data);
    const error = readGoogleError(json);
    if (error !== undefined) throw new StreamFault(error.message);
    const frame = requireObject(json);
    this.#id ||= textOf(frame["responseId"]) ?? "";
    this.#model ||= textOf(frame["modelVersion"]) ?? "";
    const choices = this.#choices(frame);
    const usage = readUsage(frame["usageMetadata"]);
    if (choices.length === 0 && usage === undefined) return [];
    const head = { id: this.#id, object: "chat.completion.chunk", created: 0n, model: this.#model };
    return [{ ...head, choices, usage, alfred: undefined, extra: answerExtra(frame) }];
  }

  #choices(frame: Json): ChunkChoice[] {
    const candidates = listOf(frame["candidates"]);
    const block = candidates.length === 0 ? readBlock(frame["promptFeedback"]) : undefined;
    if (block === undefined) return candidates.map((candidate, position) => this.#choice(objectOf(candidate), position));
    this.#isBlocked = true;
    const delta: ChatDelta = { role: "assistant", ...block, toolCalls: [], extra: {} };
    return [{ index: 0, delta, finishReason: "content_filter", extra: {} }];
  }

  #choice(candidate: Json, position: number): ChunkChoice {
    const index = indexOf(candidate, position);
    const told = this.#told.get(index);
    const state = told ?? { text: "", calls: 0, isOver: false, annotations: new Set() };
    this.#told.set(index, state);
    const said = readParts(candidate, { responseId: this.#id, index, calls: state.calls });
    state.text += this.#kept.keep(said.text);
    state.calls += said.calls.length;
    const finishReason = readFinishReason(candidate["finishReason"], state.calls > 0);
    state.isOver ||= finishReason !== undefined;
    const delta = toDelta(said, this.#newAnnotations(candidate, state));
    if (told === undefined) delta.role = "assistant";
    return { index, delta, finishReason, logprobs: readLogprobs(candidate["logprobsResult"]), extra: candidateExtra(candidate) };
  }

  #newAnnotations(candidate: Json, { text, annotations }: Told): Json[] {
    return readAnnotations(candidate, text).filter((annotation) => {
      const key = JSON.stringify(annotation);
      if (annotations.has(key)) return false;
      annotations.add(this.#kept.keep(key));
      return true;
    });
  }
}

function toDelta(said: Said, annotations: Json[]): ChatDelta {
  const delta: ChatDelta = { toolCalls: said.calls, extra: extraOf(said, annotations) };
  if (said.text !== "") delta.content = said.text;
  if (said.thoughts !== "") delta.reasoningContent = said.thoughts;
  return delta;
}
