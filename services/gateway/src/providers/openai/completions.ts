import { isObject, writeCompletionRequest } from "@alfred/openai";
import type { ChatCompletion, CompletionRequest } from "@alfred/contracts";
import { type Json, requireObject } from "../loose-json.ts";
import { readAnswer } from "./form.ts";

/**
 * The models that continue texts and know no chats; the address for completions refuses all others.
 * Sources: https://platform.openai.com/docs/models/gpt-3.5-turbo-instruct, https://platform.openai.com/docs/deprecations
 */
const MODELS = /^(?:gpt-3\.5-turbo-instruct|gpt-35-turbo-instruct|babbage|davinci|text-(?:ada|babbage|curie|davinci))(?:-|$)/;

/** Whether a model continues texts, and is asked so. */
export function continuesTexts(model: string): boolean {
  return MODELS.test(model);
}

/** The body as the API takes it. Of a stream the usage is always asked, as of chats. */
export function writeCompletions(completion: CompletionRequest, model: string, streamed: boolean): Record<string, unknown> {
  const json = writeCompletionRequest(completion, { model, stream: streamed });
  if (!streamed) return json;
  const options = json["stream_options"];
  return { ...json, stream_options: { ...(isObject(options) ? options : {}), include_usage: true } };
}

/** A whole answer, read as one of a chat. @throws FieldMismatch */
export function readCompletions(json: unknown): ChatCompletion {
  return readAnswer(withTexts(requireObject(json), "message"));
}

/** A piece of an answer in the form of a piece of a chat's. */
export function toChunk(json: unknown): unknown {
  return isObject(json) ? withTexts(json, "delta") : json;
}

type Place = "message" | "delta";

function withTexts(json: Json, place: Place): Json {
  const { choices } = json;
  return Array.isArray(choices) ? { ...json, choices: choices.map((choice) => withText(choice, place)) } : json;
}

function withText(choice: unknown, place: Place): unknown {
  if (!isObject(choice)) return choice;
  const { text, ...rest } = choice;
  return { ...rest, [place]: typeof text === "string" ? { role: "assistant", content: text } : undefined };
}
