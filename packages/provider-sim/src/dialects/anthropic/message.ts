import type { ChatAnswer } from "../../chat-answer.ts";
import type { Frame, Stamp } from "../../dialect.ts";
import { answerBlocks } from "./blocks.ts";
import type { MessagesAsk } from "./request.ts";
import { deltaUsageObject, usageObject } from "./usage.ts";

/** How an answer ended. */
interface Stop {
  readonly stop_reason: string;
  readonly stop_sequence: string | null;
  readonly stop_details: object | null;
}

/** Source: https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons */
function stopOf({ choices: [choice] }: ChatAnswer): Stop {
  const plain = { stop_sequence: null, stop_details: null };
  if (choice?.refusal) {
    const details = { type: "refusal", category: null, explanation: choice.refusal.join("") };
    return { stop_reason: "refusal", stop_sequence: null, stop_details: details };
  }
  if (choice?.stopSequence) return { ...plain, stop_reason: "stop_sequence", stop_sequence: choice.stopSequence };
  if (choice?.finishReason === "length") return { ...plain, stop_reason: "max_tokens" };
  return { ...plain, stop_reason: choice?.finishReason === "tool_calls" ? "tool_use" : "end_turn" };
}

function head({ model }: MessagesAsk, { sequence }: Stamp): object {
  return { id: `msg_sim_${sequence}`, type: "message", role: "assistant", model };
}

/** The answer as a `message` object. Source: https://platform.claude.com/docs/en/api/messages/create */
export function messageJson(ask: MessagesAsk, answer: ChatAnswer, stamp: Stamp): string {
  return JSON.stringify({
    ...head(ask, stamp),
    content: answerBlocks(ask, answer, stamp).map(({ whole }) => whole),
    ...stopOf(answer),
    ...(answer.usage === null ? {} : { usage: usageObject(answer.usage, ask.cachesForHour) }),
    container: null,
    diagnostics: null,
  });
}

function frame(type: string, fields: object): Frame {
  return { event: type, data: JSON.stringify({ type, ...fields }) };
}

/**
 * The answer as named events: `message_start`, the blocks one after the other, `message_delta` with the reason of the end
 * and the usage of it all, `message_stop`. A `ping` follows the first opening.
 *
 * Source: https://platform.claude.com/docs/en/build-with-claude/streaming
 */
export function* messageFrames(ask: MessagesAsk, answer: ChatAnswer, stamp: Stamp): Generator<Frame, void, undefined> {
  const { usage } = answer;
  yield frame("message_start", { message: openMessage(ask, answer, stamp) });
  for (const [index, { opening, deltas }] of answerBlocks(ask, answer, stamp).entries()) {
    yield frame("content_block_start", { index, content_block: opening });
    if (index === 0) yield frame("ping", {});
    for (const delta of deltas) yield frame("content_block_delta", { index, delta });
    yield frame("content_block_stop", { index });
  }
  const told = usage === null ? {} : { usage: deltaUsageObject(usage) };
  yield frame("message_delta", { delta: { ...stopOf(answer), container: null }, ...told });
  yield frame("message_stop", {});
}

/** The message as it stands before its first block: what it will have said is not known yet. */
function openMessage(ask: MessagesAsk, { usage }: ChatAnswer, stamp: Stamp): object {
  const begun = usage === null ? null : { ...usage, completion: Math.min(usage.completion, 1), reasoning: 0 };
  return {
    ...head(ask, stamp),
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    ...(begun === null ? {} : { usage: usageObject(begun, ask.cachesForHour) }),
    container: null,
    diagnostics: null,
  };
}
