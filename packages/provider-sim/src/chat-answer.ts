import type { Behaviour } from "./behaviour.ts";
import type { ChatAsk } from "./chat-ask.ts";
import { limited, spokenContent, spokenRefusal } from "./chat-text.ts";
import { withoutDirectives } from "./directives.ts";
import { isObject } from "./json-fields.ts";
import type { JsonObject } from "./json-fields.ts";
import { schemaExample } from "./schema-example.ts";
import { countSimTokens, splitSimTokens } from "./tokens.ts";
import { chooseTools } from "./tools.ts";
import type { Tool } from "./tools.ts";
import { chatUsage } from "./usage.ts";
import type { ChatUsage } from "./usage.ts";

/** A call of one tool, its arguments token by token. */
export interface ToolCallAnswer {
  /** Unique within the simulator: the request's number, the choice's and the call's; a dialect puts its prefix before it. */
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
  /** The stop sequence that ended the content. */
  readonly stopSequence: string | null;
  /** Tokens of thinking before the rest; `spokenReasoning` is their text. */
  readonly reasoningTokens: number;
  /** Whether they are to be hidden, where there is a form for that. */
  readonly isRedacted: boolean;
  /** Tokens of this choice, its reasoning included. */
  readonly tokens: number;
}

/** The whole answer to a chat request, before it takes a wire form. */
export interface ChatAnswer {
  readonly choices: readonly ChoiceAnswer[];
  /** `null` when the request is to report none. */
  readonly usage: ChatUsage | null;
}

/** The deterministic answer to a request, its calls' ids apart: they begin with the `sequence` of the request. */
export function answerChat(asked: ChatAsk, behaviour: Behaviour, sequence: number): ChatAnswer {
  const ask = behaviour.ignoreLimit ? { ...asked, maxTokens: Infinity } : asked;
  const { usual, most } = ask.thinking;
  const reasoning = Math.min(behaviour.reasoningTokens ?? usual, most, ask.maxTokens);
  const draft = { ask, behaviour, sequence, reasoning, isRedacted: behaviour.redactReasoning ?? false };
  const choices: ChoiceAnswer[] = [];
  let completion = 0;
  for (let index = 0; index < ask.choices; index += 1) {
    const choice = answerChoice(draft, index);
    completion += choice.tokens;
    choices.push(choice);
  }
  return { choices, usage: behaviour.noUsage ? null : chatUsage(ask, behaviour, completion, reasoning * ask.choices) };
}

interface Draft {
  readonly ask: ChatAsk;
  readonly behaviour: Behaviour;
  readonly sequence: number;
  readonly reasoning: number;
  readonly isRedacted: boolean;
}

function answerChoice(draft: Draft, index: number): ChoiceAnswer {
  if (draft.behaviour.refusal) return refusalChoice(draft, index);
  const tools = toolsToCall(draft);
  return tools.length === 0 ? contentChoice(draft, index) : toolChoice(draft, index, tools);
}

function limitOf({ ask, reasoning }: Draft): number {
  return ask.maxTokens - reasoning;
}

function contentChoice(draft: Draft, index: number): ChoiceAnswer {
  const { ask, behaviour, reasoning } = draft;
  const { pieces, cut, stopSequence } = spokenContent(ask, behaviour, index, limitOf(draft));
  return {
    index,
    content: pieces,
    refusal: null,
    toolCalls: [],
    finishReason: cut ? "length" : "stop",
    stopSequence,
    reasoningTokens: draft.reasoning,
    isRedacted: draft.isRedacted,
    tokens: pieces.length + reasoning,
  };
}

function refusalChoice(draft: Draft, index: number): ChoiceAnswer {
  const { pieces, cut } = spokenRefusal(limitOf(draft));
  return {
    index,
    content: null,
    refusal: pieces,
    toolCalls: [],
    finishReason: cut ? "length" : "stop",
    stopSequence: null,
    reasoningTokens: draft.reasoning,
    isRedacted: draft.isRedacted,
    tokens: pieces.length + draft.reasoning,
  };
}

function toolsToCall({ ask, behaviour }: Draft): readonly Tool[] {
  if (ask.toolChoice.mode === "none") return [];
  return chooseTools(ask.toolChoice, {
    asked: ask.userAsks ? withoutDirectives(ask.userText).toLowerCase() : "",
    calls: ask.userAsks ? behaviour.toolCalls : undefined,
    parallel: ask.parallelToolCalls,
  });
}

function toolChoice(draft: Draft, index: number, tools: readonly Tool[]): ChoiceAnswer {
  const toolCalls: ToolCallAnswer[] = [];
  let left = limitOf(draft);
  let cut = false;
  for (const [position, tool] of tools.entries()) {
    const { type, name } = tool;
    left -= countSimTokens(name);
    cut = left < 0;
    if (cut) break;
    const spoken = limited(toolArguments(draft, tool), left);
    left -= spoken.pieces.length;
    toolCalls.push({ id: `${draft.sequence}_${index}_${position}`, type, name, arguments: spoken.pieces });
    cut = spoken.cut;
    if (cut) break;
  }
  return {
    index,
    content: null,
    refusal: null,
    toolCalls,
    finishReason: cut ? "length" : "tool_calls",
    stopSequence: null,
    reasoningTokens: draft.reasoning,
    isRedacted: draft.isRedacted,
    tokens: toolCalls.reduce((sum, call) => sum + callTokens(call), draft.reasoning),
  };
}

function callTokens(call: ToolCallAnswer): number {
  return countSimTokens(call.name) + call.arguments.length;
}

/** A function's arguments satisfy its schema; a custom tool is given what the user said. */
function toolArguments({ ask, behaviour }: Draft, tool: Tool): readonly string[] {
  if (behaviour.toolArguments === "empty") return [];
  if (tool.type === "custom") return splitSimTokens(withoutDirectives(ask.userText));
  const value = tool.parameters["type"] === undefined ? {} : schemaExample(tool.parameters);
  const pieces = splitSimTokens(JSON.stringify(value));
  return behaviour.toolArguments === "broken" ? pieces.slice(0, -1) : pieces;
}

/** The arguments of a call for a wire form that holds an object: an empty one where they are empty, cut or broken. */
export function argumentsObject(call: ToolCallAnswer): JsonObject {
  try {
    const value: unknown = JSON.parse(call.arguments.join(""));
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}
