import type { SimProviderId } from "../../base-urls.ts";
import type { ChatAnswer, ChoiceAnswer } from "../../chat-answer.ts";
import type { Stamp } from "../../dialect.ts";
import type { JsonObject } from "../../json-fields.ts";
import type { SimError } from "../../sim-error.ts";
import type { ChatUsage } from "../../usage.ts";
import type { ChatRequest } from "../openai/chat-request.ts";
import type { EmbeddingsWire } from "../openai/embeddings-endpoint.ts";
import type { HearingWire } from "../openai/hearing.ts";
import type { ModerationWire } from "../openai/moderations.ts";

/** A chat request, and its body for the fields that only one provider has. */
export interface CompatibleAsk extends ChatRequest {
  readonly body: JsonObject;
}

/** What an answer is written from. */
export interface Facts {
  readonly ask: CompatibleAsk;
  readonly answer: ChatAnswer;
  readonly stamp: Stamp;
}

/** One frame of a stream: what it adds, and what was said up to and with it. */
export interface Part {
  readonly choice: ChoiceAnswer;
  readonly delta: JsonObject;
  readonly finish: string | null;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  /** The tokens of text that it adds. */
  readonly pieces: readonly string[];
  /** All text of the choice so far. */
  readonly said: string;
  /** Tokens of all choices so far, thoughts included. */
  readonly tokens: number;
}

/** How thoughts are shown: in a field of their own, in the text between tags, as blocks of a list, or not at all. */
export type ReasoningForm = "reasoning_content" | "reasoning" | "tags" | "blocks" | "hidden";

/** How requests are read. */
interface RequestHabits {
  /**
   * The fields that have an effect, in OpenAI's form and under its names.
   *
   * @throws SimError for what the provider would refuse
   */
  read(body: JsonObject): JsonObject;
  /** Whether JSON without a schema wants to be spoken of in the messages. */
  readonly wantsWordJson?: true;
  /** Whether the model thinks, in the provider's own words or by its name; undefined where `reasoning_effort` decides. */
  thinks?(body: JsonObject): boolean | undefined;
  /** The status of a request that is wrong; 400 unless it says so. */
  readonly invalidStatus?: number;
}

/** How answers are written. */
interface AnswerHabits {
  id(stamp: Stamp): string;
  /** Fields of whole answers and of chunks alike. */
  head?(facts: Facts): object;
  /** Fields of whole answers. */
  whole?(facts: Facts): object;
  /** Fields of chunks. */
  chunk?(facts: Facts, part: Part): object;
  /** Fields of a whole answer's choice. */
  choice?(facts: Facts, choice: ChoiceAnswer): object;
  /** Fields of a chunk's choice. */
  chunkChoice?(facts: Facts, part: Part): object;
  reasoning(ask: CompatibleAsk): ReasoningForm;
  usage(usage: ChatUsage, facts: Facts): object;
  /** Whether a stream tells its usage in a chunk of no choice where it is asked to. */
  readonly tellsUsageWhenAsked?: true;
  /** Why it ends; OpenAI's words unless it says so. */
  finish?(choice: ChoiceAnswer): string;
  callId(id: string): string;
  /** Calls come whole in a stream: each in a chunk of its own, or all with the reason to finish. */
  readonly wholeCalls?: "each" | "last";
  readonly numbersCalls?: true;
  /** The content of a message that only calls tools; null unless it says so. */
  readonly silence?: "";
  /** What stands for calls where there are none; nothing unless it says so. */
  readonly noCalls?: null | readonly [];
  /** Whether every delta names the role, so that there is no frame for it alone. */
  readonly repeatsRole?: true;
}

/** What is said of an error: in each form some of it. */
export interface ErrorWords {
  readonly message: string;
  readonly type: string;
  readonly code: string | null;
}

/** How errors are written. */
interface ErrorHabits {
  /** By kind, or by status; 400 and 500 are there for what is not. */
  readonly words: Readonly<Partial<Record<string, ErrorWords>>>;
  form(words: ErrorWords, error: SimError, stamp: Stamp): object;
  /** An error in the midst of a stream; of the same form unless it says so. */
  frame?(words: ErrorWords, stamp: Stamp): object;
  /** The error for a model that does not exist; 404 in the words above unless it says so. */
  noModel(model: string): { readonly status: number; readonly message: string };
}

/** A provider whose API is like OpenAI's, by what is unlike. */
export interface CompatibleRow {
  readonly name: SimProviderId;
  /** Where its endpoints stand below its mount; what a provider is configured with comes first. */
  readonly bases: readonly string[];
  readonly takesNoKey?: true;
  readonly request: RequestHabits;
  readonly answer: AnswerHabits;
  readonly errors: ErrorHabits;
  readonly embeddings?: EmbeddingsWire;
  readonly moderations?: ModerationWire;
  /** What can be asked for in a batch, below `/v1`; no files or batches are kept without. */
  readonly batched?: readonly string[];
  readonly hearing?: HearingWire;
  /** The list of models; none without. */
  models?(ids: readonly string[]): string;
  headers?(stamp: Stamp): Record<string, string>;
  /** What a stream ends with. */
  readonly done: "[DONE]" | undefined;
  /** A comment that comes before a stream begins. */
  readonly waiting?: string;
}
