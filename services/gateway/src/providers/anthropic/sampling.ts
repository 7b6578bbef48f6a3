import type { ChatRequest } from "@alfred/contracts";
import { isObject } from "@alfred/openai";
import type { Draft } from "./draft.ts";
import type { ModelTraits } from "./model-traits.ts";

/** The hottest that the API samples; OpenAI's scale goes to 2. */
const MAX_TEMPERATURE = 1;
/** The least that models take which think, or whose sampling is fixed. */
const MIN_THINKING_TOP_P = 0.95;
const MIN_FIXED_TOP_P = 0.99;

/**
 * Writes temperature, top_p and top_k, once `thinking` is written: while a model thinks it samples as it is
 * made to, and models since 4.7 always do.
 *
 * Sources: https://platform.claude.com/docs/en/api/messages/create,
 * https://platform.claude.com/docs/en/build-with-claude/extended-thinking
 */
export function writeSampling(chat: ChatRequest, traits: ModelTraits, draft: Draft): void {
  const { temperature, topP } = chat;
  const minTopP = traits.hasFixedSampling ? MIN_FIXED_TOP_P : isThinking(draft) ? MIN_THINKING_TOP_P : 0;
  const isFree = minTopP === 0;
  setNumber(draft, "temperature", temperature, isFree ? 0 : MAX_TEMPERATURE, MAX_TEMPERATURE);
  setNumber(draft, "top_p", topP, minTopP, 1);
  if (!isFree && draft.body["top_k"] !== undefined) {
    delete draft.body["top_k"];
    draft.lacks("top_k");
  }
}

function isThinking({ body }: Draft): boolean {
  const { thinking } = body;
  return isObject(thinking) && (thinking["type"] === "enabled" || thinking["type"] === "adaptive");
}

function setNumber(draft: Draft, field: string, value: number | undefined, least: number, most: number): void {
  if (value === undefined) return;
  if (value >= least && value <= most) draft.body[field] = value;
  else draft.lacks(field);
}

/** Writes where to stop; the API refuses sequences of white space alone. */
export function writeStop({ stop }: ChatRequest, draft: Draft): void {
  if (stop === undefined) return;
  const sequences = stop.$case === "stopText" ? [stop.value] : stop.value.values;
  const usable = sequences.filter((each) => each.trim() !== "");
  if (usable.length < sequences.length) draft.lacks("stop");
  if (usable.length > 0) draft.body["stop_sequences"] = usable;
}
