import type { JsonObject } from "./json-fields.ts";
import type { ToolChoice } from "./tools.ts";

/** The form that the answer has to take: plain text, any JSON object, or JSON that satisfies a schema. */
export type ResponseFormat =
  | { readonly type: "text" | "json_object" }
  | { readonly type: "json_schema"; readonly schema: JsonObject };

/** Tokens that the model thinks in before it answers. */
export interface Thinking {
  /** Spent where no directive says how many. */
  readonly usual: number;
  /** Spent at most, whatever a directive says; 0 where the request turns thinking off. */
  readonly most: number;
}

/** A chat request that its provider would accept, reduced to what decides the answer. Each dialect makes it of its own form. */
export interface ChatAsk {
  readonly model: string;
  readonly stream: boolean;
  /** The text of the last user message, directives and all; empty where there is none. */
  readonly userText: string;
  /** Whether the last message is the user's words, not a tool's result. */
  readonly userAsks: boolean;
  readonly promptTokens: number;
  /** `Infinity` when the request sets no limit. */
  readonly maxTokens: number;
  readonly choices: number;
  readonly stop: readonly string[];
  readonly toolChoice: ToolChoice;
  readonly parallelToolCalls: boolean;
  readonly responseFormat: ResponseFormat;
  readonly thinking: Thinking;
}

/** What a model thinks in where a request wants it to, and nobody says how long. */
export const USUAL_THINKING_TOKENS = 12;

/** Thinking that happens only where a directive asks for it. */
export const THINKING_ON_DEMAND: Thinking = { usual: 0, most: Infinity };
