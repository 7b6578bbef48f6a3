import { argumentsObject } from "../../chat-answer.ts";
import type { ChoiceAnswer, ToolCallAnswer } from "../../chat-answer.ts";
import { spokenReasoning } from "../../chat-text.ts";
import type { Stamp } from "../../dialect.ts";
import type { GenerateAsk } from "./request.ts";
import { sign } from "./signature.ts";

/** One part of an answer as a stream sends it, and the tokens that it adds. */
export interface AnswerPiece {
  readonly part: Readonly<Record<string, unknown>>;
  readonly tokens: number;
  /** Of these, those of a thought. */
  readonly thoughts: number;
}

/** How an answer ended, with what is told of it. */
export interface Ending {
  readonly finishReason: string;
  readonly finishMessage?: string;
  readonly safetyRatings?: readonly object[];
}

/** Thoughts where they are shown, what is said token by token, and each call whole. */
export function* answerPieces(ask: GenerateAsk, choice: ChoiceAnswer, stamp: Stamp): Generator<AnswerPiece, void, undefined> {
  yield* thoughtPieces(ask, choice);
  for (const text of choice.content ?? []) yield { part: { text }, tokens: 1, thoughts: 0 };
  for (const [position, call] of wholeCalls(choice).entries()) {
    const signed = position === 0 && isSigned(ask, choice) ? { thoughtSignature: sign(stamp.sequence, call.name) } : {};
    yield { part: { functionCall: callObject(ask, call), ...signed }, tokens: 0, thoughts: 0 };
  }
}

function* thoughtPieces({ thinking }: GenerateAsk, { reasoningTokens }: ChoiceAnswer): Generator<AnswerPiece, void, undefined> {
  if (!thinking.isShown) return;
  for (const text of spokenReasoning(reasoningTokens)) yield { part: { text, thought: true }, tokens: 1, thoughts: 1 };
}

/** Models of the third generation sign every call, others what they thought about. */
export function isSigned({ rules }: GenerateAsk, { reasoningTokens }: ChoiceAnswer): boolean {
  return rules.wantsSignatures || reasoningTokens > 0;
}

/** The third generation numbers its calls, so that results can name them. */
function callObject({ rules }: GenerateAsk, call: ToolCallAnswer): object {
  const { name } = call;
  const args = argumentsObject(call);
  return rules.wantsSignatures ? { id: `call_sim_${call.id}`, name, args } : { name, args };
}

function isWhole(call: ToolCallAnswer): boolean {
  const text = call.arguments.join("");
  if (text === "") return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function wholeCalls({ toolCalls }: ChoiceAnswer): readonly ToolCallAnswer[] {
  return toolCalls.filter(isWhole);
}

/** Broken arguments have no form here: the API ends such an answer by a reason of its own. Source: https://ai.google.dev/api/generate-content#FinishReason */
export function endingOf({ finishReason, refusal, toolCalls }: ChoiceAnswer): Ending {
  if (refusal !== null) {
    const rating = { category: "HARM_CATEGORY_DANGEROUS_CONTENT", probability: "HIGH", blocked: true };
    return { finishReason: "SAFETY", finishMessage: refusal.join(""), safetyRatings: [rating] };
  }
  if (finishReason === "length") return { finishReason: "MAX_TOKENS" };
  const broken = toolCalls.find((call) => !isWhole(call));
  if (broken === undefined) return { finishReason: "STOP" };
  return { finishReason: "MALFORMED_FUNCTION_CALL", finishMessage: `Malformed function call: ${broken.name}(${broken.arguments.join("")}` };
}
