import type { ChatMessage } from "@alfred/contracts";
import { objectOf, textOf } from "../loose-json.ts";

/** Why an answer was kept back, in part or whole: all for what it contains, or the language that it is in. */
const FILTERED = new Set([
  "SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT",
  "IMAGE_RECITATION", "MODEL_ARMOR",
]);

/** What OpenAI has a reason for that says the same. */
const COUNTERPARTS = new Set(["STOP", "MAX_TOKENS", "FINISH_REASON_UNSPECIFIED", ...FILTERED]);

/** Whether OpenAI's clients know a reason like this one; others are told by Gemini's name, too. */
export function hasCounterpart(json: unknown): boolean {
  return COUNTERPARTS.has(textOf(json) ?? "FINISH_REASON_UNSPECIFIED");
}

/**
 * OpenAI's reason to stop for Gemini's. One that OpenAI does not have, as MALFORMED_FUNCTION_CALL, is "stop": the answer
 * ended by itself, whatever it came to, and clients that check the reason take no other.
 *
 * Source: https://ai.google.dev/api/generate-content#FinishReason
 */
export function readFinishReason(json: unknown, hasCalls: boolean): string | undefined {
  const reason = textOf(json);
  if (reason === undefined || reason === "FINISH_REASON_UNSPECIFIED") return undefined;
  if (reason === "STOP") return hasCalls ? "tool_calls" : "stop";
  if (reason === "MAX_TOKENS") return "length";
  return FILTERED.has(reason) ? "content_filter" : "stop";
}

/** What is said instead of an answer where the prompt was not let through; undefined where it was. */
export function readBlock(promptFeedback: unknown): Pick<ChatMessage, "refusal"> | undefined {
  const { blockReason, blockReasonMessage } = objectOf(promptFeedback);
  const reason = textOf(blockReason);
  if (reason === undefined || reason === "BLOCK_REASON_UNSPECIFIED") return undefined;
  return { refusal: textOf(blockReasonMessage) ?? `The provider blocked the prompt: ${reason}.` };
}
