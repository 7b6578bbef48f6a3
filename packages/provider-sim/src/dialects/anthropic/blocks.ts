import { argumentsObject } from "../../chat-answer.ts";
import type { ChatAnswer, ToolCallAnswer } from "../../chat-answer.ts";
import { spokenReasoning } from "../../chat-text.ts";
import type { Stamp } from "../../dialect.ts";
import type { MessagesAsk } from "./request.ts";
import { sign } from "./signature.ts";

/** One block of an answer: whole, and as a stream opens it and adds to it. */
export interface AnswerBlock {
  readonly whole: object;
  readonly opening: object;
  readonly deltas: Iterable<object>;
}

/** The blocks of an answer: the thought, what is said, the calls. */
export function answerBlocks(ask: MessagesAsk, answer: ChatAnswer, stamp: Stamp): readonly AnswerBlock[] {
  const [choice] = answer.choices;
  if (choice === undefined) return [];
  const blocks: AnswerBlock[] = [];
  if (choice.reasoningTokens > 0) blocks.push(choice.isRedacted ? redactedBlock(ask, stamp) : thinkingBlock(ask, choice.reasoningTokens, stamp));
  const { content } = choice;
  if (content !== null && content.length > 0) blocks.push(textBlock(ask, content));
  for (const call of choice.toolCalls) blocks.push(toolBlock(call));
  return blocks;
}

function thinkingBlock({ thinking, binding }: MessagesAsk, tokens: number, { sequence }: Stamp): AnswerBlock {
  const pieces = thinking.isOmitted ? [] : [...spokenReasoning(tokens)];
  const text = pieces.join("");
  const signature = sign(sequence, text, binding);
  const thoughts = pieces.map((piece) => ({ type: "thinking_delta", thinking: piece }));
  return {
    whole: { type: "thinking", thinking: text, signature },
    opening: { type: "thinking", thinking: "", signature: "" },
    deltas: [...thoughts, { type: "signature_delta", signature }],
  };
}

/** Comes whole, in a stream too. */
function redactedBlock({ binding }: MessagesAsk, { sequence }: Stamp): AnswerBlock {
  const whole = { type: "redacted_thinking", data: sign(sequence, "", binding) };
  return { whole, opening: whole, deltas: [] };
}

function textBlock({ citation }: MessagesAsk, pieces: readonly string[]): AnswerBlock {
  const cited = citation === undefined ? {} : { citations: [citation] };
  const open = citation === undefined ? {} : { citations: [] };
  return {
    whole: { type: "text", text: pieces.join(""), ...cited },
    opening: { type: "text", text: "", ...open },
    deltas: textDeltas(pieces, citation),
  };
}

function* textDeltas(pieces: readonly string[], citation: object | undefined): Generator<object, void, undefined> {
  if (citation !== undefined) yield { type: "citations_delta", citation };
  for (const text of pieces) yield { type: "text_delta", text };
}

/** A stream sends the input as pieces of JSON, an empty one first. */
function toolBlock(call: ToolCallAnswer): AnswerBlock {
  const head = { type: "tool_use", id: `toolu_sim_${call.id}`, name: call.name };
  const caller = { type: "direct" };
  return {
    whole: { ...head, input: argumentsObject(call), caller },
    opening: { ...head, input: {}, caller },
    deltas: ["", ...call.arguments].map((piece) => ({ type: "input_json_delta", partial_json: piece })),
  };
}
