import { invalidType, invalidValue, isArray, isObject, missing } from "../../json-fields.ts";
import type { JsonObject } from "../../json-fields.ts";
import { SimError, invalidRequest } from "../../sim-error.ts";
import { countSimTokens } from "../../tokens.ts";

const ROLES = new Set(["user", "assistant", "system", "developer"]);
const OF_USERS = ["input_text", "input_image", "input_file"];
const OF_ASSISTANTS = ["output_text", "refusal"];

const TOKENS_PER_ITEM = 3;
const TOKENS_PER_PART: Readonly<Record<string, number>> = { input_image: 85, input_file: 100 };

/** What tells the simulator's own encrypted thoughts from others: they need not be safe, only recognisable. */
const MARK = "alfred-provider-sim";

/** The encrypted content of thoughts, by which they are known again when they are sent back. */
export function encryptedThoughts(sequence: number): string {
  return Buffer.from(`${MARK} ${sequence}`).toString("base64");
}

/** Items that are kept, by their ids. */
export type FindItem = (id: string) => JsonObject | undefined;

/** The items of a request's own, each of a known type and shape, else a 400. What names something that is not kept is a 404. */
export function readItems(body: JsonObject, find: FindItem): readonly JsonObject[] {
  const { input } = body;
  if (input === undefined || input === null) throw missing("input");
  if (typeof input === "string") return [{ type: "message", role: "user", content: input }];
  if (!isArray(input)) throw invalidType("input", "a string or an array of items");
  return input.map((item, index) => readItem(item, index, find));
}

function readItem(item: unknown, index: number, find: FindItem): JsonObject {
  const param = `input[${index}]`;
  if (!isObject(item)) throw invalidType(param, "an object");
  const { type = "message", id } = item;
  if (isNamed(item)) return find(String(id)) ?? notFound(id);
  const check = CHECKS[String(type)];
  if (check === undefined) throw invalidValue(`${param}.type`, `one of ${Object.keys(CHECKS).join(", ")}`);
  check(item, param);
  return { ...item, type };
}

/** Whether an item is only named: by a reference, or as thoughts that are not told. */
function isNamed({ type, encrypted_content: encrypted, summary }: JsonObject): boolean {
  return type === "item_reference" || (type === "reasoning" && isArray(summary) && (encrypted === undefined || encrypted === null));
}

const CHECKS: Readonly<Record<string, (item: JsonObject, param: string) => void>> = {
  message: checkMessage,
  function_call: (item, param) => requireStrings(item, ["call_id", "name", "arguments"], param),
  custom_tool_call: (item, param) => requireStrings(item, ["call_id", "name", "input"], param),
  function_call_output: checkOutput,
  custom_tool_call_output: checkOutput,
  reasoning: checkReasoning,
  item_reference: () => undefined,
};

function checkMessage({ role, content }: JsonObject, param: string): void {
  if (typeof role !== "string" || !ROLES.has(role)) throw invalidValue(`${param}.role`, `one of ${[...ROLES].join(", ")}`);
  checkContent(content, role === "assistant" ? OF_ASSISTANTS : OF_USERS, `${param}.content`);
}

function checkOutput(item: JsonObject, param: string): void {
  requireStrings(item, ["call_id"], param);
  checkContent(item["output"], OF_USERS, `${param}.output`);
}

function checkContent(content: unknown, types: readonly string[], param: string): void {
  if (typeof content === "string") return;
  if (!isArray(content)) throw invalidType(param, "a string or an array of parts");
  for (const [index, part] of content.entries()) {
    const type = isObject(part) ? part["type"] : undefined;
    if (typeof type !== "string" || !types.includes(type)) throw invalidValue(`${param}[${index}].type`, `one of ${types.join(", ")}`);
  }
}

function checkReasoning({ id, summary, encrypted_content: encrypted }: JsonObject, param: string): void {
  if (!isArray(summary)) throw missing(`${param}.summary`);
  const isKnown = typeof encrypted === "string" && Buffer.from(encrypted, "base64").toString().startsWith(MARK);
  if (!isKnown) throw invalidRequest(`The encrypted content for item ${String(id)} could not be verified.`, null, "invalid_encrypted_content");
}

function notFound(id: unknown): never {
  const message = `Item with id '${String(id)}' not found. Items are not persisted when \`store\` is set to false. Try again with \`store\` set to true, or remove this item from your input.`;
  throw new SimError(404, "request", { message, param: "input" });
}

function requireStrings(item: JsonObject, names: readonly string[], param: string): void {
  for (const name of names) {
    if (item[name] === undefined) throw missing(`${param}.${name}`);
    if (typeof item[name] !== "string") throw invalidType(`${param}.${name}`, "a string");
  }
}

/**
 * Every call has its output, and every output its call; and what is kept, and was made after thoughts, does not come without them.
 * @param thoughtsBefore the thoughts that an item which is kept was made after, by their id
 */
export function checkPairs(items: readonly JsonObject[], thoughtsBefore: (id: string) => string | undefined): void {
  const idsOf = (...types: string[]) => new Set(items.filter(({ type }) => types.includes(String(type))).map((item) => String(item["call_id"])));
  const [calls, outputs] = [idsOf("function_call", "custom_tool_call"), idsOf("function_call_output", "custom_tool_call_output")];
  for (const id of outputs) if (!calls.has(id)) throw invalidRequest(`No tool call found for function call output with call_id ${id}.`, "input");
  for (const id of calls) if (!outputs.has(id)) throw invalidRequest(`No tool output found for function call ${id}.`, "input");
  const ids = new Set(items.map(({ id }) => id));
  for (const { id, type } of items) {
    const thoughts = typeof id === "string" ? thoughtsBefore(id) : undefined;
    if (thoughts === undefined || ids.has(thoughts)) continue;
    throw invalidRequest(`Item '${String(id)}' of type '${String(type)}' was provided without its required 'reasoning' item: '${thoughts}'.`, "input");
  }
}

/** The text of an item, its text parts joined by line ends. */
function itemText({ content }: JsonObject): string {
  if (typeof content === "string") return content;
  return isArray(content) ? content.filter(isObject).map(({ text }) => text).filter((text) => typeof text === "string").join("\n") : "";
}

/** The text of the last message of the user, directives and all; empty where there is none. */
export function lastUserText(items: readonly JsonObject[]): string {
  const message = items.findLast(({ type, role }) => type === "message" && role === "user");
  return message === undefined ? "" : itemText(message);
}

/** As for chats: 3 an item, its text, what its images and files count, and the rest as JSON. */
export function itemTokens(item: JsonObject): number {
  if (item["type"] !== "message") return TOKENS_PER_ITEM + countSimTokens(JSON.stringify(item["arguments"] ?? item["input"] ?? item["output"] ?? ""));
  const { content } = item;
  const media = isArray(content) ? content.filter(isObject).reduce((sum, { type }) => sum + (TOKENS_PER_PART[String(type)] ?? 0), 0) : 0;
  return TOKENS_PER_ITEM + countSimTokens(itemText(item)) + media;
}
