import type { ChatCompletion, EmbeddingList, ImageList, ModerationList } from "@alfred/contracts";
import { FieldMismatch, isObject, readChatCompletion, readEmbeddingList, readImageList, readModerationList } from "@alfred/openai";
import { requireObject } from "../loose-json.ts";

// What is read leniently has to have what was asked for all the same: else anything in JSON would be an answer.

/** A whole answer of a chat. @throws FieldMismatch where it is none */
export function readAnswer(json: unknown): ChatCompletion {
  const { choices } = requireObject(json);
  for (const choice of requireItems(choices, "choices")) {
    if (!isObject(choice) || !isObject(choice["message"])) throw new FieldMismatch("an object with a message").under("choices");
    // A reason that cannot be read is none.
    if (typeof choice["finish_reason"] !== "string") delete choice["finish_reason"];
  }
  return readChatCompletion(json);
}

/** Vectors. @throws FieldMismatch where there are none */
export function readVectors(json: unknown): EmbeddingList {
  const list = readEmbeddingList(json);
  for (const { embedding } of requireItems(list.data, "data")) {
    const length = embedding?.$case === "floats" ? embedding.value.values.length : embedding?.value.length;
    if (length === undefined || length === 0) throw new FieldMismatch("an object with a vector").under("data");
  }
  return list;
}

/** Images. @throws FieldMismatch where there are none */
export function readImages(json: unknown): ImageList {
  const list = readImageList(json);
  for (const { b64Json, url } of requireItems(list.data, "data")) if (b64Json === undefined && url === undefined) throw new FieldMismatch("an image").under("data");
  return list;
}

/** Judgements. @throws FieldMismatch where there are none */
export function readJudgements(json: unknown): ModerationList {
  const list = readModerationList(json);
  requireItems(list.results, "results");
  return list;
}

function requireItems<Item>(items: readonly Item[], name: string): readonly Item[];
function requireItems(items: unknown, name: string): readonly unknown[];
function requireItems(items: unknown, name: string): readonly unknown[] {
  if (Array.isArray(items) && items.length > 0) return items as unknown[];
  throw new FieldMismatch("a list, not empty").under(name);
}
