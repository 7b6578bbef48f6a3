import { isIdle } from "../labels.ts";
import { type Json, listOf, objectOf, textOf, toArguments } from "../loose-json.ts";
import { writeThoughts } from "./thoughts.ts";
import type { Variant } from "./variant.ts";

/** What an answer of OpenAI's has beside what is said, and what was said in another way. */
const OF_ANSWERS = ["annotations", "audio", "function_call"];
/** The fields of a message that every API like OpenAI's knows. */
const FIELDS = new Set(["role", "content", "name", "tool_calls", "tool_call_id", "prefix"]);

/** Writes a message in OpenAI's form as the variant has it. @throws AlfredError INVALID_ARGUMENT */
export function adaptMessage(message: Json, path: string, variant: Variant, unsupported: string[]): void {
  const isAnswer = message["role"] === "assistant";
  // OpenAI's newer name of the same.
  if (message["role"] === "developer") message["role"] = "system";
  if (!variant.hasNames) takeName(message, path, unsupported);
  if (isAnswer) adaptAnswer(message, path, variant, unsupported);
  rewriteId(message, "tool_call_id", variant);
  if (variant.isStrict) dropUnknown(message, isAnswer, path, unsupported);
  if (Array.isArray(message["content"])) adaptContent(message, message["content"], path, variant, unsupported);
  if (isAnswer) writeThoughts(message, variant);
}

function takeName(message: Json, path: string, unsupported: string[]): void {
  // The name of a tool says no more than the id of its call does.
  if (message["role"] !== "tool" && !isIdle("name", message["name"])) unsupported.push(`${path}.name`);
  delete message["name"];
}

function adaptAnswer(message: Json, path: string, variant: Variant, unsupported: string[]): void {
  const { refusal } = message;
  if (typeof refusal === "string" && isIdle("content", message["content"])) message["content"] = refusal;
  delete message["refusal"];
  for (const name of OF_ANSWERS) {
    if (name !== "annotations" && !isIdle(name, message[name])) unsupported.push(`${path}.${name}`);
    delete message[name];
  }
  const calls = listOf(message["tool_calls"]).map(objectOf);
  calls.forEach((call, index) => adaptCall(call, `${path}.tool_calls[${index}]`, variant, unsupported));
  if (calls.some(({ type }) => type === "custom")) message["tool_calls"] = calls.filter(({ type }) => type !== "custom");
}

function adaptCall(call: Json, path: string, variant: Variant, unsupported: string[]): void {
  if (call["type"] === "custom") {
    unsupported.push(path);
    return;
  }
  rewriteId(call, "id", variant);
  const called = objectOf(call["function"]);
  const text = textOf(called["arguments"]) ?? "";
  if (variant.readsArguments) toArguments(text, path);
  // Some read the arguments whatever they are, and none of them reads nothing.
  if (text.trim() === "") called["arguments"] = "{}";
  if (variant.isStrict) for (const name of Object.keys(call)) if (!["id", "type", "function"].includes(name)) delete call[name];
}

function rewriteId(json: Json, name: string, { callId }: Variant): void {
  const id = json[name];
  if (callId !== undefined && typeof id === "string") json[name] = callId(id);
}

/** What came with an answer of another provider means nothing here, and is refused; of other messages it is the client's wish. */
function dropUnknown(message: Json, isAnswer: boolean, path: string, unsupported: string[]): void {
  for (const name of Object.keys(message)) {
    if (FIELDS.has(name) || (isAnswer && name === "reasoning_content")) continue;
    if (!isAnswer && !isIdle(name, message[name])) unsupported.push(`${path}.${name}`);
    delete message[name];
  }
}

function adaptContent(message: Json, content: readonly unknown[], path: string, variant: Variant, unsupported: string[]): void {
  const isPlain = message["role"] !== "user" && !variant.hasPartsOfAll;
  const parts = adaptParts(content, path, isPlain ? {} : variant.parts, unsupported);
  const isText = isPlain && parts.every(({ type }) => type === "text");
  message["content"] = isText ? parts.map(({ text }) => textOf(text) ?? "").join("") : parts;
}

/** The types of parts that OpenAI has beside text. */
const OPENAIS = new Set<unknown>(["image_url", "input_audio", "file"]);

function adaptParts(content: readonly unknown[], path: string, parts: Variant["parts"], unsupported: string[]): Json[] {
  return content.flatMap((each, index) => {
    const part = objectOf(each);
    const { type } = part;
    if (type === "refusal") return [{ type: "text", text: part["refusal"] }];
    if (typeof type !== "string" || !OPENAIS.has(type)) return [part];
    const written = parts[type]?.(part);
    if (written === undefined) unsupported.push(`${path}.content[${index}].${type}`);
    return written === undefined ? [] : [written];
  });
}
