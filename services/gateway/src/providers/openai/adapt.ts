import type { ChatRequest } from "@alfred/contracts";
import { isIdle, labels, unserved } from "../labels.ts";
import { type Json, listOf, objectOf } from "../loose-json.ts";
import { adaptMessage } from "./adapt-message.ts";
import type { Variant } from "./variant.ts";

/**
 * Writes a body in OpenAI's form as the variant has it.
 * @returns the fields that it cannot serve
 * @throws AlfredError INVALID_ARGUMENT
 */
export function adapt(body: Json, chat: ChatRequest, variant: Variant): string[] {
  const unsupported = unserved(chat, variant.lacking);
  const absent = [...variant.lacking, ...labels.filter((name) => !variant.labels.includes(name))];
  for (const name of absent) delete body[name];
  if (!takesTier(body["service_tier"], variant)) take(body, "service_tier", unsupported);
  if (!takesFormat(body["response_format"], variant)) take(body, "response_format", unsupported);
  if (objectOf(body["response_format"])["type"] === "text") delete body["response_format"];
  for (const [name, own] of Object.entries(variant.renamed)) rename(body, name, own);
  adaptTools(body, unsupported);
  const messages = listOf(body["messages"]).map(objectOf);
  messages.forEach((message, index) => adaptMessage(message, `messages[${index}]`, variant, unsupported));
  variant.write?.(body);
  return unsupported;
}

function takesTier(tier: unknown, { tiers }: Variant): boolean {
  return typeof tier !== "string" || tiers.includes(tier);
}

function takesFormat(format: unknown, { formats }: Variant): boolean {
  const { type } = objectOf(format);
  return (type !== "json_object" && type !== "json_schema") || formats.includes(type);
}

/** Tools of free text, and lists of allowed ones, are OpenAI's alone. */
function adaptTools(body: Json, unsupported: string[]): void {
  const tools = listOf(body["tools"]);
  const kept = tools.filter((tool, index) => {
    const isCustom = objectOf(tool)["type"] === "custom";
    if (isCustom) unsupported.push(`tools[${index}]`);
    return !isCustom;
  });
  if (kept.length < tools.length) body["tools"] = kept;
  const { type } = objectOf(body["tool_choice"]);
  if (type === "custom" || type === "allowed_tools") take(body, "tool_choice", unsupported);
}

/** Takes a field out, and notes it where it asked for something. */
function take(body: Json, name: string, unsupported: string[]): void {
  if (!isIdle(name, body[name])) unsupported.push(name);
  delete body[name];
}

function rename(body: Json, name: string, own: string): void {
  const value = body[name];
  delete body[name];
  if (value === undefined || value === null) return;
  const said = body[own];
  body[own] = typeof value === "number" && typeof said === "number" ? Math.min(value, said) : value;
}
