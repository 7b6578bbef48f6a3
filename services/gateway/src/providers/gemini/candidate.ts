import type { ToolCall } from "@alfred/contracts";
import { countOf, defined, listOf, objectOf, textOf, unknownFields, type Json } from "../loose-json.ts";
import { hasCounterpart } from "./finish.ts";
import { madeCallId } from "./call-id.ts";
import { writeCarried } from "./signature.ts";

/** What the parts of a candidate, or of a piece of one, say. */
export interface Said {
  text: string;
  thoughts: string;
  /** The state of its thoughts, where another part than a call carries it. */
  signature: string | undefined;
  readonly calls: ToolCall[];
  /** As `images` of a message, in the form of content parts. */
  readonly images: Json[];
  /** Parts of no known form, whole. */
  readonly others: unknown[];
  /** What stands beside the parts. */
  readonly beside: Readonly<Record<string, string>>;
}

/** Where a candidate stands: its calls are numbered and named by it. */
export interface Place {
  readonly responseId: string;
  readonly index: number;
  /** How many calls it has made before. */
  readonly calls: number;
}

const KNOWN_OF_CONTENT = new Set(["parts", "role"]);

/**
 * Reads the parts of a candidate.
 *
 * Source: https://ai.google.dev/api/caching#Part
 */
export function readParts(candidate: Json, place: Place): Said {
  const content = objectOf(candidate["content"]);
  const said: Said = { text: "", thoughts: "", signature: undefined, calls: [], images: [], others: [], beside: unknownFields(content, KNOWN_OF_CONTENT) };
  for (const part of listOf(content["parts"])) readPart(objectOf(part), said, place);
  return said;
}

function readPart(part: Json, said: Said, place: Place): void {
  const signature = textOf(part["thoughtSignature"]);
  const text = textOf(part["text"]);
  const image = imageOf(part);
  if (text !== undefined) {
    if (part["thought"] === true) said.thoughts += text;
    else said.text += text;
    said.signature = signature ?? said.signature;
  } else if (part["functionCall"] !== undefined) {
    said.calls.push(readCall(part, signature, place, said.calls.length));
  } else if (image !== undefined) said.images.push(image);
  else if (Object.keys(part).some((name) => name !== "thoughtSignature")) said.others.push(part);
  else said.signature = signature ?? said.signature;
}

function readCall(part: Json, signature: string | undefined, place: Place, before: number): ToolCall {
  const call = objectOf(part["functionCall"]);
  const index = place.calls + before;
  const id = textOf(call["id"]) ?? madeCallId(place.responseId, place.index, index);
  const text = JSON.stringify(objectOf(call["args"]));
  const called = { name: textOf(call["name"]) ?? "", arguments: text, extra: unknownFields(call, KNOWN_OF_CALL) };
  return { id, type: "function", function: called, index, extra: { ...unknownFields(part, KNOWN_OF_PART), ...writeCarried({ signature }) } };
}

const KNOWN_OF_PART = new Set(["functionCall", "thoughtSignature", "thought"]);
const KNOWN_OF_CALL = new Set(["id", "name", "args"]);

function imageOf(part: Json): Json | undefined {
  const { mimeType, data }: Json = objectOf(part["inlineData"]);
  if (typeof mimeType !== "string" || typeof data !== "string" || !mimeType.startsWith("image/")) return undefined;
  const signature = textOf(part["thoughtSignature"]);
  const extra_content = signature === undefined ? undefined : { google: { thought_signature: signature } };
  return defined({ type: "image_url", image_url: { url: `data:${mimeType};base64,${data}` }, extra_content });
}

/** What OpenAI's message has no field for, as `extra` of a message or of a piece of one. */
export function extraOf({ signature, images, others, beside }: Said, annotations: readonly Json[]): Record<string, string> {
  return {
    ...beside,
    ...(annotations.length === 0 ? {} : { annotations: JSON.stringify(annotations) }),
    ...(images.length === 0 ? {} : { images: JSON.stringify(images) }),
    ...writeCarried({ signature, parts: others }),
  };
}

const KNOWN = new Set(["content", "finishReason", "index", "logprobsResult"]);

/** With the reason to stop, which OpenAI does not have. */
const KNOWN_BUT_REASON = new Set([...KNOWN].filter((name) => name !== "finishReason"));

/** What a candidate tells besides what it says, by Gemini's names: `safetyRatings`, `groundingMetadata`, a `finishReason` of its own. */
export function candidateExtra(candidate: Json): Record<string, string> {
  return unknownFields(candidate, hasCounterpart(candidate["finishReason"]) ? KNOWN : KNOWN_BUT_REASON);
}

/** Its place among the answers; Gemini leaves out a nought. */
export function indexOf(candidate: Json, position: number): number {
  return Number(countOf(candidate["index"]) ?? position);
}
