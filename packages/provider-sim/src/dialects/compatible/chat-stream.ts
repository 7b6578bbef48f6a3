import type { ChoiceAnswer } from "../../chat-answer.ts";
import { spokenReasoning } from "../../chat-text.ts";
import type { JsonObject } from "../../json-fields.ts";
import { createdS } from "../openai/chat-completion.ts";
import { callObject, finishReason, piecesOf, thoughtBlock } from "./chat-completion.ts";
import type { CompatibleRow, Facts, Part, ReasoningForm } from "./row.ts";

/** What one frame adds to a choice. */
interface Step {
  readonly delta: JsonObject;
  readonly pieces?: readonly string[];
  /** Tokens that it adds; those of its pieces unless it says so. */
  readonly tokens?: number;
  readonly finish?: string;
}

/**
 * The answer as chunks: for each choice after the other its role, thoughts, text or calls, and reason to finish; last a
 * chunk of usage where the provider tells it so and is asked to.
 */
export function* completionChunks(row: CompatibleRow, facts: Facts): Generator<string, void, undefined> {
  const { ask, answer, stamp } = facts;
  const habits = row.answer;
  const head = { id: habits.id(stamp), object: "chat.completion.chunk", created: createdS(stamp), model: ask.model, ...habits.head?.(facts) };
  for (const part of parts(row, facts)) {
    const { choice, delta, finish } = part;
    const choices = [{ index: choice.index, delta, ...habits.chunkChoice?.(facts, part), finish_reason: finish }];
    yield JSON.stringify({ ...head, choices, ...habits.chunk?.(facts, part) });
  }
  if (!habits.tellsUsageWhenAsked || !ask.includeUsage || answer.usage === null) return;
  yield JSON.stringify({ ...head, choices: [], usage: habits.usage(answer.usage, facts) });
}

function* parts(row: CompatibleRow, facts: Facts): Generator<Part, void, undefined> {
  const { choices } = facts.answer;
  let tokens = 0;
  let isFirst = true;
  for (const choice of choices) {
    let said = "";
    for (const { delta, pieces = [], tokens: spent = pieces.length, finish } of steps(row, facts, choice)) {
      said += pieces.join("");
      tokens += spent;
      const isLast = finish !== undefined && choice === choices.at(-1);
      yield { choice, delta, finish: finish ?? null, isFirst, isLast, pieces, said, tokens };
      isFirst = false;
    }
  }
}

function* steps(row: CompatibleRow, { ask }: Facts, choice: ChoiceAnswer): Generator<Step, void, undefined> {
  const role = row.answer.repeatsRole ? { role: "assistant" } : {};
  if (!row.answer.repeatsRole) yield { delta: { role: "assistant", content: "" } };
  yield* thoughts(row.answer.reasoning(ask), choice, role);
  for (const piece of piecesOf(choice)) yield { delta: { ...role, content: piece }, pieces: [piece] };
  const finish = finishReason(row, choice);
  if (row.answer.wholeCalls === "last" && choice.toolCalls.length > 0) {
    const calls = choice.toolCalls.map((call, index) => callObject(row.answer, call, index));
    yield { delta: { ...role, content: "", tool_calls: calls }, tokens: choice.tokens - choice.reasoningTokens, finish };
    return;
  }
  yield* callSteps(row, choice, role);
  yield { delta: row.answer.repeatsRole ? { ...role, content: "" } : {}, finish };
}

function* thoughts(form: ReasoningForm, { reasoningTokens }: ChoiceAnswer, role: JsonObject): Generator<Step, void, undefined> {
  if (reasoningTokens === 0 || form === "hidden") return;
  if (form === "tags") yield { delta: { ...role, content: "<think>" }, pieces: ["<think>"], tokens: 0 };
  for (const piece of spokenReasoning(reasoningTokens)) {
    if (form === "tags") yield { delta: { ...role, content: piece }, pieces: [piece] };
    else if (form === "blocks") yield { delta: { ...role, content: [thoughtBlock(piece)] }, tokens: 1 };
    else yield { delta: { ...role, content: form === "reasoning_content" ? null : "", [form]: piece }, tokens: 1 };
  }
  if (form === "tags") yield { delta: { ...role, content: "</think>" }, pieces: ["</think>"], tokens: 0 };
}

/** Each call whole, or its name and then its arguments in pieces. */
function* callSteps({ answer }: CompatibleRow, { toolCalls }: ChoiceAnswer, role: JsonObject): Generator<Step, void, undefined> {
  for (const [index, call] of toolCalls.entries()) {
    if (answer.wholeCalls !== undefined) {
      yield { delta: { ...role, content: answer.silence ?? null, tool_calls: [{ ...callObject(answer, call, index), index }] }, tokens: call.arguments.length + 1 };
      continue;
    }
    yield { delta: { ...role, tool_calls: [{ index, ...callObject(answer, call, index, "") }] }, tokens: 1 };
    for (const piece of call.arguments) yield { delta: { ...role, tool_calls: [{ index, function: { arguments: piece } }] }, tokens: 1 };
  }
}
