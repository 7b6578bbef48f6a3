import type { ChatCompletionChunk, ChatDelta, ChunkChoice } from "@alfred/contracts";
import { chatChunk, chatDelta, chunkChoice } from "./chat.ts";
import { isObject, parseJson, writeInteger } from "./json.ts";
import { tokenUsage, toolCall } from "./message.ts";
import { type Extra, rawOf, writeExtra } from "./object.ts";
import { receipt } from "./receipt.ts";

// Pieces of answers come by the hundred for each request. So what `chatChunk` says of them is written out here for those
// of the usual form, whose fields the engine then finds without looking them up by name. A test holds both to the same.

const NO_CALLS: ChatDelta["toolCalls"] = [];
const NOTHING: Extra = {};
Object.freeze(NO_CALLS);
Object.freeze(NOTHING);

/** What the usual form of each message has no place for, though the message has. */
const OF_CHUNKS = new Set(["id", "object", "created", "model", "choices", "usage", "service_tier", "system_fingerprint", "alfred"]);
const OF_CHOICES = new Set(["index", "delta", "finish_reason", "logprobs"]);
const OF_DELTAS = new Set(["role", "content", "refusal", "reasoning_content", "tool_calls"]);

/** Reads a piece of an answer, leniently. @throws FieldMismatch where it is no object */
export function readChunk(json: unknown): ChatCompletionChunk {
  return (isObject(json) ? usualChunk(json) : undefined) ?? chatChunk.read(json, false);
}

function usualChunk(json: Record<string, unknown>): ChatCompletionChunk | undefined {
  let extra: Extra | undefined;
  const chunk: ChatCompletionChunk = {
    id: "", object: "", created: 0n, model: "", choices: [], usage: undefined, serviceTier: undefined, systemFingerprint: undefined, alfred: undefined, extra: NOTHING,
  };
  for (const name in json) {
    const value = json[name];
    if (name === "choices" && Array.isArray(value) && value.every(isObject)) chunk.choices = value.map(readChoice);
    else if (name === "created" && Number.isSafeInteger(value)) chunk.created = BigInt(value as number);
    else if (typeof value === "string" && takeText(chunk, name, value)) continue;
    else if (value !== null && OF_CHUNKS.has(name)) return undefined;
    else (extra ??= {})[name] = rawOf(value);
  }
  if (extra !== undefined) chunk.extra = extra;
  return chunk;
}

/** Whether the text has a field of its own. */
function takeText(chunk: ChatCompletionChunk, name: string, value: string): boolean {
  if (name === "id") chunk.id = value;
  else if (name === "object") chunk.object = value;
  else if (name === "model") chunk.model = value;
  else if (name === "system_fingerprint") chunk.systemFingerprint = value;
  else if (name === "service_tier") chunk.serviceTier = value;
  else return false;
  return true;
}

function readChoice(json: Record<string, unknown>): ChunkChoice {
  return usualChoice(json) ?? chunkChoice.read(json, false);
}

function usualChoice(json: Record<string, unknown>): ChunkChoice | undefined {
  let extra: Extra | undefined;
  const choice: ChunkChoice = { index: 0, delta: undefined, finishReason: undefined, logprobs: undefined, extra: NOTHING };
  for (const name in json) {
    const value = json[name];
    if (name === "delta" && isObject(value)) choice.delta = usualDelta(value) ?? chatDelta.read(value, false);
    else if (name === "index" && isIndex(value)) choice.index = value;
    else if (name === "finish_reason" && (typeof value === "string" || value === null)) choice.finishReason = value ?? undefined;
    else if (value !== null && OF_CHOICES.has(name)) return undefined;
    else (extra ??= {})[name] = rawOf(value);
  }
  if (extra !== undefined) choice.extra = extra;
  return choice;
}

function isIndex(value: unknown): value is number {
  return typeof value === "number" && (value | 0) === value && value >= 0;
}

function usualDelta(json: Record<string, unknown>): ChatDelta | undefined {
  let extra: Extra | undefined;
  const delta: ChatDelta = { role: undefined, content: undefined, refusal: undefined, reasoningContent: undefined, toolCalls: NO_CALLS, extra: NOTHING };
  for (const name in json) {
    const value = json[name];
    if (name === "content" && typeof value === "string") delta.content = value;
    else if (name === "role" && typeof value === "string") delta.role = value;
    else if (name === "reasoning_content" && typeof value === "string") delta.reasoningContent = value;
    else if (name === "refusal" && typeof value === "string") delta.refusal = value;
    else if (value !== null && OF_DELTAS.has(name)) return undefined;
    else (extra ??= {})[name] = rawOf(value);
  }
  if (extra !== undefined) delta.extra = extra;
  return delta;
}

/** Writes a piece of an answer. */
export function writeChunk(chunk: ChatCompletionChunk): Record<string, unknown> {
  const { id, object, created, model, choices, usage, serviceTier, systemFingerprint, alfred, extra } = chunk;
  const json: Record<string, unknown> = { id, object, created: writeInteger(created), model, choices: choices.map(writeChoice) };
  if (usage !== undefined) json["usage"] = tokenUsage.write(usage);
  if (serviceTier !== undefined) json["service_tier"] = serviceTier;
  if (systemFingerprint !== undefined) json["system_fingerprint"] = systemFingerprint;
  if (alfred !== undefined) json["alfred"] = receipt.write(alfred);
  writeExtra(extra, json);
  return json;
}

function writeChoice({ index, delta, finishReason, logprobs, extra }: ChunkChoice): Record<string, unknown> {
  const json: Record<string, unknown> = { index };
  if (delta !== undefined) json["delta"] = writeDelta(delta);
  json["finish_reason"] = finishReason ?? null;
  if (logprobs !== undefined) json["logprobs"] = parseJson(logprobs);
  writeExtra(extra, json);
  return json;
}

function writeDelta({ role, content, refusal, reasoningContent, toolCalls, extra }: ChatDelta): Record<string, unknown> {
  const json: Record<string, unknown> = {};
  if (role !== undefined) json["role"] = role;
  if (content !== undefined) json["content"] = content;
  if (refusal !== undefined) json["refusal"] = refusal;
  if (reasoningContent !== undefined) json["reasoning_content"] = reasoningContent;
  if (toolCalls.length > 0) json["tool_calls"] = toolCalls.map((call) => toolCall.write(call));
  writeExtra(extra, json);
  return json;
}
