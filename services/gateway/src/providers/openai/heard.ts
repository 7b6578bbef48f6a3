import { isObject } from "@alfred/openai";
import { type Json, listOf } from "../loose-json.ts";
import { readThoughts } from "./thoughts.ts";
import type { Variant } from "./variant.ts";

/**
 * Tells an answer of a variant, whole or a piece of one, in OpenAI's form, in place.
 * @throws StreamFault where it says that it failed
 */
export function toOpenAi(json: unknown, variant: Variant | undefined): unknown {
  if (variant === undefined || !isObject(json)) return json;
  variant.hear?.(json);
  for (const choice of listOf(json["choices"])) if (isObject(choice)) hearChoice(choice, variant);
  return json;
}

function hearChoice(choice: Json, variant: Variant): void {
  const { message, delta, finish_reason: reason } = choice;
  if (isObject(message)) readThoughts(message, variant);
  if (isObject(delta)) readThoughts(delta, variant);
  const mapped = typeof reason === "string" ? variant.finishReasons[reason] : undefined;
  if (mapped !== undefined) choice["finish_reason"] = mapped;
}
