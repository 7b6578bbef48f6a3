import { type Json, listOf, objectOf, textOf } from "../loose-json.ts";
import type { Variant } from "./variant.ts";

/** What an answer thought goes back where the variant has it. */
export function writeThoughts(message: Json, { thoughts: place }: Variant): void {
  const thoughts = message["reasoning_content"];
  if (place === "reasoning_content") return;
  delete message["reasoning_content"];
  if (typeof thoughts !== "string" || thoughts === "" || place === undefined) return;
  if (place === "reasoning") message["reasoning"] ??= thoughts;
  else message["content"] = [{ type: "thinking", thinking: [{ type: "text", text: thoughts }] }, ...partsOf(message["content"])];
}

function partsOf(content: unknown): unknown[] {
  if (typeof content === "string") return content === "" ? [] : [{ type: "text", text: content }];
  return listOf(content);
}

/** The thoughts of a message, or of a piece of one, where OpenAI's clients look for them. */
export function readThoughts(said: Json, { thoughts: place }: Variant): void {
  if (place === "reasoning") readField(said);
  if (place === "parts" && Array.isArray(said["content"])) readParts(said, said["content"]);
}

function readField(said: Json): void {
  const { reasoning } = said;
  if (typeof reasoning !== "string" || (said["reasoning_content"] ?? null) !== null) return;
  delete said["reasoning"];
  if (reasoning !== "") said["reasoning_content"] = reasoning;
}

/** Parts of other kinds, as references, stay beside. Source: https://docs.mistral.ai/capabilities/reasoning */
function readParts(said: Json, content: readonly unknown[]): void {
  const parts = content.map(objectOf);
  const thoughts = parts.flatMap(({ type, thinking }) => (type === "thinking" ? toText(thinking) : []));
  const texts = parts.flatMap(({ type, text }) => (type === "text" ? [textOf(text) ?? ""] : []));
  const others = parts.filter(({ type }) => type !== "thinking" && type !== "text");
  said["content"] = texts.length === 0 && parts.length > 0 ? null : texts.join("");
  if (thoughts.length > 0) said["reasoning_content"] = thoughts.join("");
  if (others.length > 0) said["content_parts"] = others;
}

function toText(thinking: unknown): string[] {
  if (typeof thinking === "string") return [thinking];
  return listOf(thinking).map((part) => textOf(objectOf(part)["text"]) ?? "");
}
