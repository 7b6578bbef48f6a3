import type { ChatChoice, ChatCompletion, ChatMessage } from "@alfred/contracts";
import { FieldMismatch } from "@alfred/openai";
import { NO_CONTENT, listOf, objectOf, requireObject, textOf, unknownFields, type Json } from "../loose-json.ts";
import { readAnnotations } from "./annotations.ts";
import { candidateExtra, extraOf, indexOf, readParts } from "./candidate.ts";
import { readBlock, readFinishReason } from "./finish.ts";
import { readLogprobs } from "./logprobs.ts";
import { readUsage } from "./usage.ts";

const KNOWN = new Set(["candidates", "usageMetadata", "modelVersion", "responseId"]);

/** What an answer tells besides what is mapped, by Gemini's names: `promptFeedback`. */
export function answerExtra(json: Json): Record<string, string> {
  return unknownFields(json, KNOWN);
}

/**
 * Reads a whole answer. Gemini does not tell when it was made, so `created` is 0.
 *
 * Source: https://ai.google.dev/api/generate-content#generatecontentresponse
 *
 * @throws FieldMismatch where there is no answer in it
 */
export function readChat(json: unknown): ChatCompletion {
  const answer = requireObject(json);
  const id = textOf(answer["responseId"]) ?? "";
  const choices = listOf(answer["candidates"]).map((candidate, position) => readChoice(objectOf(candidate), position, id));
  const block = readBlock(answer["promptFeedback"]);
  if (choices.length === 0 && block === undefined) throw new FieldMismatch("a list of candidates").under("candidates");
  return {
    id,
    object: "chat.completion",
    created: 0n,
    model: textOf(answer["modelVersion"]) ?? "",
    choices: choices.length === 0 && block !== undefined ? [blocked(block)] : choices,
    usage: readUsage(answer["usageMetadata"]),
    extra: answerExtra(answer),
  };
}

function readChoice(candidate: Json, position: number, responseId: string): ChatChoice {
  const index = indexOf(candidate, position);
  const said = readParts(candidate, { responseId, index, calls: 0 });
  const annotations = readAnnotations(candidate, said.text);
  const isSilent = said.text === "" && (said.calls.length > 0 || said.images.length > 0);
  const message: ChatMessage = {
    role: "assistant",
    content: isSilent ? undefined : { $case: "text", value: said.text },
    toolCalls: said.calls.map(({ id, type, function: called, extra }) => ({ id, type, function: called, extra })),
    reasoningContent: said.thoughts === "" ? undefined : said.thoughts,
    extra: { ...(isSilent ? NO_CONTENT : {}), ...extraOf(said, annotations) },
  };
  return {
    index,
    message,
    finishReason: readFinishReason(candidate["finishReason"], said.calls.length > 0),
    logprobs: readLogprobs(candidate["logprobsResult"]),
    extra: candidateExtra(candidate),
  };
}

function blocked(block: Pick<ChatMessage, "refusal">): ChatChoice {
  const message: ChatMessage = { role: "assistant", content: undefined, toolCalls: [], ...block, extra: { ...NO_CONTENT } };
  return { index: 0, message, finishReason: "content_filter", extra: {} };
}
