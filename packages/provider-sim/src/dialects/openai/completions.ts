import type { ChatAnswer, ChoiceAnswer } from "../../chat-answer.ts";
import { THINKING_ON_DEMAND } from "../../chat-ask.ts";
import type { ChatAsk } from "../../chat-ask.ts";
import { chatEndpoint } from "../../chat-endpoint.ts";
import type { Call, Endpoint, Stamp } from "../../dialect.ts";
import { invalidType, invalidValue, missing, optionalFlag, optionalWhole, requiredString } from "../../json-fields.ts";
import type { JsonObject } from "../../json-fields.ts";
import { alternativeOf, logprobOf } from "../../logprob.ts";
import { SimError, invalidRequest } from "../../sim-error.ts";
import { countSimTokens } from "../../tokens.ts";
import { checkSampling, readIncludeUsage, readStop } from "./chat-request.ts";
import { createdS } from "./chat-completion.ts";
import { usageJson } from "./usage.ts";

/** What is generated at most where nothing is said. */
const DEFAULT_TOKENS = 16;
/** Models for chats, which this address refuses. */
const CHAT_MODEL = /^(?:gpt-4|gpt-5|gpt-6|o\d|chatgpt|gpt-3\.5-turbo(?!-instruct))/;

/** A request for completions that OpenAI would accept. */
interface CompletionAsk extends ChatAsk {
  readonly includeUsage: boolean;
  /** The text to be told again before the answer; empty where none is. */
  readonly echoed: string;
  /** How many are generated for each text, and how many of them are told. */
  readonly bestOf: number;
  readonly n: number;
  /** Alternatives at each place; undefined where no log probabilities are asked for. */
  readonly logprobs: number | undefined;
}

/**
 * The endpoint that continues texts, from before there were chats. What it says to several texts is about the first.
 * Source: https://platform.openai.com/docs/api-reference/completions/create
 */
export function completionsEndpoint(read: (call: Call) => JsonObject): Endpoint {
  return chatEndpoint({ name: "completions", read: (call) => readCompletion(read(call)), whole: completionJson, frames: completionFrames });
}

function readCompletion(body: JsonObject): CompletionAsk {
  const model = requiredString(body, "model");
  if (CHAT_MODEL.test(model)) throw chatModel();
  checkSampling(body);
  const prompts = readPrompts(body["prompt"]);
  const n = optionalWhole(body, "n", 1, 128) ?? 1;
  const bestOf = optionalWhole(body, "best_of", 1, 20) ?? n;
  if (bestOf < n) throw invalidRequest("You requested that the server return more choices than it will generate (HINT: you must set 'best_of' to at least 'n').", "best_of");
  const stream = optionalFlag(body, "stream") ?? false;
  if (stream && bestOf > n) throw invalidRequest("The server cannot stream with 'best_of' greater than 'n'.", "best_of");
  const [first] = prompts;
  return {
    model, stream, userText: first?.text ?? "", userAsks: true,
    includeUsage: readIncludeUsage(body, stream),
    promptTokens: prompts.reduce((sum, { tokens }) => sum + tokens, 0),
    maxTokens: optionalWhole(body, "max_tokens", 0, Number.MAX_SAFE_INTEGER) ?? DEFAULT_TOKENS,
    choices: prompts.length * bestOf,
    bestOf,
    n,
    echoed: (optionalFlag(body, "echo") ?? false) ? (first?.text ?? "") : "",
    logprobs: optionalWhole(body, "logprobs", 0, 5),
    stop: readStop(body),
    toolChoice: { mode: "none", tools: [] },
    parallelToolCalls: false,
    responseFormat: { type: "text" },
    thinking: THINKING_ON_DEMAND,
  };
}

function chatModel(): SimError {
  const message = "This is a chat model and not supported in the v1/completions endpoint. Did you mean to use v1/chat/completions?";
  return new SimError(404, "request", { message, param: "model" });
}

interface Prompt {
  readonly text: string;
  readonly tokens: number;
}

function readPrompts(prompt: unknown): readonly Prompt[] {
  if (prompt === undefined || prompt === null) throw missing("prompt");
  if (typeof prompt === "string") return [textPrompt(prompt)];
  if (!Array.isArray(prompt)) throw invalidType("prompt", "a string or an array");
  if (prompt.length === 0) throw invalidValue("prompt", "at least one item");
  if (typeof prompt[0] === "number") return [tokenPrompt(prompt)];
  return prompt.map((item: unknown) => (typeof item === "string" ? textPrompt(item) : tokenPrompt(item)));
}

function textPrompt(text: string): Prompt {
  return { text, tokens: countSimTokens(text) };
}

function tokenPrompt(ids: unknown): Prompt {
  if (!Array.isArray(ids) || !ids.every((id) => Number.isInteger(id) && id >= 0)) throw invalidType("prompt", "strings or arrays of token numbers");
  return { text: JSON.stringify(ids), tokens: ids.length };
}

/** The answer as a `text_completion` object. */
function completionJson(ask: CompletionAsk, answer: ChatAnswer, stamp: Stamp): string {
  const shown = answer.choices.filter(({ index }) => index % ask.bestOf < ask.n);
  const choices = shown.map((choice, index) => choiceJson(ask, index, [ask.echoed, ...piecesOf(choice)], choice.finishReason));
  const usage = answer.usage === null ? "" : `,"usage":${usageJson(answer.usage)}`;
  return `${head(ask, stamp)}${choices.join(",")}]${usage}}`;
}

/** The answer as the JSON of `text_completion` objects: of each choice a frame per token and one that ends it; last the usage where it is asked for. */
function* completionFrames(ask: CompletionAsk, answer: ChatAnswer, stamp: Stamp): Generator<string, void, undefined> {
  const { usage } = answer;
  const reportsUsage = ask.includeUsage && usage !== null;
  const tail = reportsUsage ? `],"usage":null}` : "]}";
  for (const choice of answer.choices) {
    const pieces = ask.echoed === "" ? piecesOf(choice) : [ask.echoed, ...piecesOf(choice)];
    for (const piece of pieces) yield head(ask, stamp) + choiceJson(ask, choice.index, [piece], null) + tail;
    yield head(ask, stamp) + choiceJson(ask, choice.index, [], choice.finishReason) + tail;
  }
  if (reportsUsage) yield `${head(ask, stamp)}],"usage":${usageJson(usage)}}`;
}

function piecesOf({ content, refusal }: ChoiceAnswer): readonly string[] {
  return content ?? refusal ?? [];
}

function head({ model }: CompletionAsk, stamp: Stamp): string {
  return `{"id":"cmpl-sim-${stamp.sequence}","object":"text_completion","created":${createdS(stamp)},"model":${JSON.stringify(model)},"system_fingerprint":"fp_sim","choices":[`;
}

function choiceJson({ logprobs }: CompletionAsk, index: number, pieces: readonly string[], reason: string | null): string {
  const said = pieces.filter((piece) => piece !== "");
  const told = logprobs === undefined || said.length === 0 ? null : logprobsOf(said, logprobs);
  return JSON.stringify({ text: said.join(""), index, logprobs: told, finish_reason: reason });
}

function logprobsOf(tokens: readonly string[], top: number): object {
  let at = 0;
  const offsets = tokens.map((token) => (at += token.length) - token.length);
  const alternatives = (token: string): object => Object.fromEntries(Array.from({ length: top }, (_, rank) => [alternativeOf(token, rank), logprobOf(token, rank)]));
  return { tokens, token_logprobs: tokens.map((token) => logprobOf(token, 0)), top_logprobs: tokens.map(alternatives), text_offset: offsets };
}
