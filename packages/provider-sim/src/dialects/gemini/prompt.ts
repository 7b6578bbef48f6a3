import { isArray, isObject } from "../../json-fields.ts";
import type { JsonObject } from "../../json-fields.ts";
import { countSimTokens } from "../../tokens.ts";
import type { Content } from "./contents.ts";

const TOKENS_PER_CONTENT = 3;

/** The tokens of a prompt by what they are made of. */
type Modality = "TEXT" | "IMAGE" | "AUDIO" | "VIDEO" | "DOCUMENT";
export type PromptTokens = ReadonlyMap<Modality, number>;

const TOKENS: Readonly<Record<Modality, number>> = { TEXT: 0, IMAGE: 85, AUDIO: 50, VIDEO: 100, DOCUMENT: 100 };

/** Counts a prompt as the other dialects do: 3 a content, its text, what its images and files count, and the rest as JSON. */
export function countPrompt(body: JsonObject, contents: readonly Content[]): PromptTokens {
  const counts = new Map<Modality, number>();
  const add = (modality: Modality, tokens: number) => counts.set(modality, (counts.get(modality) ?? 0) + tokens);
  const system = body["systemInstruction"];
  const instructions = isObject(system) && isArray(system["parts"]) ? [{ role: "system", parts: system["parts"].filter(isObject) }] : [];
  for (const { parts } of [...instructions, ...contents]) {
    add("TEXT", TOKENS_PER_CONTENT);
    for (const part of parts) countPart(part, add);
  }
  if (isArray(body["tools"])) add("TEXT", countSimTokens(JSON.stringify(body["tools"])));
  return counts;
}

function countPart(part: JsonObject, add: (modality: Modality, tokens: number) => void): void {
  const { text, inlineData, fileData, thoughtSignature: _, ...rest } = part;
  if (typeof text === "string") return add("TEXT", countSimTokens(text));
  const media = isObject(inlineData) ? inlineData : isObject(fileData) ? fileData : undefined;
  if (media === undefined) return add("TEXT", countSimTokens(JSON.stringify(rest)));
  const modality = modalityOf(String(media["mimeType"]));
  add(modality, TOKENS[modality]);
}

function modalityOf(mimeType: string): Modality {
  const [kind] = mimeType.split("/");
  const known: Readonly<Record<string, Modality>> = { image: "IMAGE", audio: "AUDIO", video: "VIDEO" };
  return known[kind ?? ""] ?? "DOCUMENT";
}

export function sumOf(tokens: PromptTokens): number {
  return tokens.values().reduce((sum, count) => sum + count, 0);
}
