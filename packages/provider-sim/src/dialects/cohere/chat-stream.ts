import type { ChatAnswer, ChoiceAnswer } from "../../chat-answer.ts";
import type { Frame, Stamp } from "../../dialect.ts";
import { answerId, callObject, finishReason, logprobItem, onlyChoice, piecesOf, planPieces, thoughtsOf, usageObject } from "./chat-answer.ts";
import type { CohereAsk } from "./chat-request.ts";
import { citationsFor } from "./citations.ts";

/**
 * The answer as Cohere's events: the start of the message, a plan and calls or blocks of thoughts and text with what
 * they cite, and the end of the message, which tells the usage.
 *
 * Sources: https://docs.cohere.com/docs/streaming, https://docs.cohere.com/docs/tool-use-streaming
 */
export function* chatEvents(ask: CohereAsk, answer: ChatAnswer, stamp: Stamp): Generator<Frame, void, undefined> {
  const choice = onlyChoice(answer);
  const empty = { role: "assistant", content: [], tool_plan: "", tool_calls: [], citations: [] };
  yield frame("message-start", { id: answerId(stamp), delta: { message: empty } });
  const thoughts = thoughtsOf(choice);
  if (thoughts.length > 0) yield* block(0, "thinking", thoughts);
  if (choice.toolCalls.length > 0) yield* calls(choice);
  else yield* text(ask, choice, thoughts.length > 0 ? 1 : 0);
  const usage = answer.usage === null ? {} : { usage: usageObject(answer.usage) };
  yield frame("message-end", { id: answerId(stamp), delta: { finish_reason: finishReason(choice), ...usage } });
}

function frame(type: string, fields: object): Frame {
  return { event: type, data: JSON.stringify({ type, ...fields }) };
}

function* block(index: number, type: "thinking" | "text", pieces: readonly string[], logprobs = false): Generator<Frame, void, undefined> {
  yield frame("content-start", { index, delta: { message: { content: { type, [type]: "" } } } });
  for (const piece of pieces) {
    const event = { index, delta: { message: { content: { [type]: piece } } } };
    yield frame("content-delta", logprobs ? { ...event, logprobs: logprobItem(piece) } : event);
  }
  if (type === "thinking") yield frame("content-end", { index });
}

function* text(ask: CohereAsk, choice: ChoiceAnswer, index: number): Generator<Frame, void, undefined> {
  const pieces = piecesOf(choice);
  yield* block(index, "text", pieces, ask.logprobs);
  for (const [position, citation] of citationsFor(pieces, ask.sources, index).entries()) {
    yield frame("citation-start", { index: position, delta: { message: { citations: citation } } });
    yield frame("citation-end", { index: position });
  }
  yield frame("content-end", { index });
}

/** The plan, then each call: what it is of, its arguments in pieces, its end. A call is an object here, not a list of one. */
function* calls(choice: ChoiceAnswer): Generator<Frame, void, undefined> {
  for (const piece of planPieces(choice)) yield frame("tool-plan-delta", { delta: { message: { tool_plan: piece } } });
  for (const [index, call] of choice.toolCalls.entries()) {
    yield frame("tool-call-start", { index, delta: { message: { tool_calls: callObject(call, "") } } });
    for (const piece of call.arguments) {
      yield frame("tool-call-delta", { index, delta: { message: { tool_calls: { function: { arguments: piece } } } } });
    }
    yield frame("tool-call-end", { index });
  }
}
