import type { Behaviour } from "./behaviour.ts";
import { lastUserText } from "./chat-message.ts";
import type { ChatRequest } from "./chat-request.ts";
import { limited, spokenContent, spokenRefusal } from "./chat-text.ts";
import { chooseTools } from "./chat-tools.ts";
import type { Tool } from "./chat-tools.ts";
import { withoutDirectives } from "./directives.ts";
import { schemaExample } from "./schema-example.ts";
import { countSimTokens, splitSimTokens } from "./tokens.ts";
import { chatUsage } from "./usage.ts";
import type { ChatUsage } from "./usage.ts";

/** A call of one tool, its arguments token by token. */
export interface ToolCallAnswer {
  readonly id: string;
  readonly type: Tool["type"];
  readonly name: string;
  readonly arguments: readonly string[];
}

/** One choice: content, a refusal or tool calls, token by token. */
export interface ChoiceAnswer {
  readonly index: number;
  readonly content: readonly string[] | null;
  readonly refusal: readonly string[] | null;
  readonly toolCalls: readonly ToolCallAnswer[];
  readonly finishReason: "stop" | "length" | "tool_calls";
  /** Tokens of this choice, its reasoning included. */
  readonly tokens: number;
}

/** The whole answer to a chat request, before it takes a wire form. */
export interface ChatAnswer {
  readonly id: string;
  readonly createdS: number;
  readonly choices: readonly ChoiceAnswer[];
  /** `null` when the request is to report none. */
  readonly usage: ChatUsage | null;
}

/** What the server adds to an answer: a number unique to the request, and the time in seconds. */
export interface AnswerStamp {
  readonly sequence: number;
  readonly createdS: number;
}

/** The deterministic answer to a request: the same request and behaviour say the same, but for id and time. */
export function answerChat(asked: ChatRequest, behaviour: Behaviour, stamp: AnswerStamp): ChatAnswer {
  const request = behaviour.ignoreLimit ? { ...asked, maxTokens: Infinity } : asked;
  const reasoning = Math.min(behaviour.reasoningTokens ?? 0, request.maxTokens);
  const draft = { request, behaviour, stamp, reasoning, userText: lastUserText(request.messages) };
  const choices: ChoiceAnswer[] = [];
  let completion = 0;
  for (let index = 0; index < request.choices; index += 1) {
    const choice = answerChoice(draft, index);
    completion += choice.tokens;
    choices.push(choice);
  }
  return {
    id: `chatcmpl-sim-${stamp.sequence}`,
    createdS: stamp.createdS,
    choices,
    usage: behaviour.noUsage ? null : chatUsage(request, behaviour, completion, reasoning * request.choices),
  };
}

interface Draft {
  readonly request: ChatRequest;
  readonly behaviour: Behaviour;
  readonly stamp: AnswerStamp;
  readonly reasoning: number;
  readonly userText: string;
}

function answerChoice(draft: Draft, index: number): ChoiceAnswer {
  if (draft.behaviour.refusal) return refusalChoice(draft, index);
  const tools = toolsToCall(draft);
  return tools.length === 0 ? contentChoice(draft, index) : toolChoice(draft, index, tools);
}

function limitOf({ request, reasoning }: Draft): number {
  return request.maxTokens - reasoning;
}

function contentChoice(draft: Draft, index: number): ChoiceAnswer {
  const { request, behaviour, userText, reasoning } = draft;
  const { pieces, cut } = spokenContent(request, behaviour, userText, index, limitOf(draft));
  const finishReason = cut ? "length" : "stop";
  return { index, content: pieces, refusal: null, toolCalls: [], finishReason, tokens: pieces.length + reasoning };
}

function refusalChoice(draft: Draft, index: number): ChoiceAnswer {
  const { pieces, cut } = spokenRefusal(limitOf(draft));
  const finishReason = cut ? "length" : "stop";
  return { index, content: null, refusal: pieces, toolCalls: [], finishReason, tokens: pieces.length + draft.reasoning };
}

function toolsToCall({ request, behaviour, userText }: Draft): readonly Tool[] {
  if (request.toolChoice.mode === "none") return [];
  const asking = request.messages.at(-1)?.role === "user";
  return chooseTools(request.toolChoice, {
    asked: asking ? withoutDirectives(userText).toLowerCase() : "",
    calls: asking ? behaviour.toolCalls : undefined,
    parallel: request.parallelToolCalls,
  });
}

/** A choice that calls tools. As at OpenAI it finishes with `stop` where the request named the one function to call. */
function toolChoice(draft: Draft, index: number, tools: readonly Tool[]): ChoiceAnswer {
  const toolCalls: ToolCallAnswer[] = [];
  let left = limitOf(draft);
  let cut = false;
  for (const [position, tool] of tools.entries()) {
    left -= countSimTokens(tool.name);
    cut = left < 0;
    if (cut) break;
    const spoken = limited(toolArguments(tool, draft.userText), left);
    left -= spoken.pieces.length;
    toolCalls.push(toolCall(`call_sim_${draft.stamp.sequence}_${index}_${position}`, tool, spoken.pieces));
    cut = spoken.cut;
    if (cut) break;
  }
  const whole = draft.request.toolChoice.mode === "named" ? "stop" : "tool_calls";
  const tokens = toolCalls.reduce((sum, call) => sum + callTokens(call), draft.reasoning);
  return { index, content: null, refusal: null, toolCalls, finishReason: cut ? "length" : whole, tokens };
}

function toolCall(id: string, { type, name }: Tool, pieces: readonly string[]): ToolCallAnswer {
  return { id, type, name, arguments: pieces };
}

function callTokens(call: ToolCallAnswer): number {
  return countSimTokens(call.name) + call.arguments.length;
}

/** A function's arguments satisfy its schema; a custom tool is given what the user said. */
function toolArguments(tool: Tool, userText: string): readonly string[] {
  if (tool.type === "custom") return splitSimTokens(withoutDirectives(userText));
  const value = tool.parameters["type"] === undefined ? {} : schemaExample(tool.parameters);
  return splitSimTokens(JSON.stringify(value));
}
