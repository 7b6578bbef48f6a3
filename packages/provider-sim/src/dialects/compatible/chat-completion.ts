import type { ChoiceAnswer, ToolCallAnswer } from "../../chat-answer.ts";
import { spokenReasoning } from "../../chat-text.ts";
import { createdS } from "../openai/chat-completion.ts";
import type { CompatibleRow, Facts, ReasoningForm } from "./row.ts";

/** The whole answer as its provider writes it. */
export function completionJson(row: CompatibleRow, facts: Facts): string {
  const { ask, answer, stamp } = facts;
  const habits = row.answer;
  return JSON.stringify({
    id: habits.id(stamp),
    object: "chat.completion",
    created: createdS(stamp),
    model: ask.model,
    choices: answer.choices.map((choice) => choiceObject(row, facts, choice)),
    ...(answer.usage === null ? {} : { usage: habits.usage(answer.usage, facts) }),
    ...habits.head?.(facts),
    ...habits.whole?.(facts),
  });
}

function choiceObject(row: CompatibleRow, facts: Facts, choice: ChoiceAnswer): object {
  const message = messageObject(row, choice, row.answer.reasoning(facts.ask));
  return { index: choice.index, message, ...row.answer.choice?.(facts, choice), finish_reason: finishReason(row, choice) };
}

/** Why a choice ends, in the provider's words. */
export function finishReason({ answer }: CompatibleRow, choice: ChoiceAnswer): string {
  return answer.finish?.(choice) ?? choice.finishReason;
}

/** What a choice says; a refusal is text here. */
export function piecesOf({ content, refusal }: ChoiceAnswer): readonly string[] {
  return content ?? refusal ?? [];
}

function messageObject({ answer }: CompatibleRow, choice: ChoiceAnswer, form: ReasoningForm): object {
  const { noCalls, silence = null } = answer;
  const text = choice.toolCalls.length > 0 ? silence : piecesOf(choice).join("");
  const calls = choice.toolCalls.map((call, index) => callObject(answer, call, index));
  const called = calls.length > 0 ? { tool_calls: calls } : noCalls === undefined ? {} : { tool_calls: noCalls };
  return { role: "assistant", ...thoughtfulContent(form, [...spokenReasoning(choice.reasoningTokens)].join(""), text), ...called };
}

/** The text with the thoughts that came before it. */
function thoughtfulContent(form: ReasoningForm, thoughts: string, text: string | null): object {
  if (thoughts === "" || form === "hidden") return { content: text };
  if (form === "tags") return { content: `<think>${thoughts}</think>${text ?? ""}` };
  if (form === "blocks") return { content: [thoughtBlock(thoughts), ...(text === null ? [] : [{ type: "text", text }])] };
  return { content: text, [form]: thoughts };
}

/** Thoughts as a block of a list. */
export function thoughtBlock(text: string): object {
  return { type: "thinking", thinking: [{ type: "text", text }] };
}

/** A call, with its arguments whole unless they are given. */
export function callObject({ callId, numbersCalls }: CompatibleRow["answer"], call: ToolCallAnswer, index: number, argumentText?: string): object {
  const called = { name: call.name, arguments: argumentText ?? call.arguments.join("") };
  return { ...(numbersCalls ? { index } : {}), id: callId(call.id), type: "function", function: called };
}
