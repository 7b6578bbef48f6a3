import { isArray, isObject } from "../../json-fields.ts";
import type { JsonObject } from "../../json-fields.ts";
import { countSimTokens } from "../../tokens.ts";
import { optionalList, knownObject, refused, requireKnown } from "./strict-fields.ts";

/** Fields by role, and of content the kinds of block with their fields. Source: https://docs.cohere.com/reference/chat */
const ROLES: Readonly<Record<string, Role>> = {
  user: { fields: new Set(["role", "content"]), blocks: { text: ["text"], image_url: ["image_url"] } },
  system: { fields: new Set(["role", "content"]), blocks: { text: ["text"] } },
  assistant: {
    fields: new Set(["role", "content", "tool_calls", "tool_plan", "citations"]),
    blocks: { text: ["text"], thinking: ["thinking"] },
  },
  tool: { fields: new Set(["role", "content", "tool_call_id"]), blocks: { text: ["text"], document: ["document"] } },
};

interface Role {
  readonly fields: ReadonlySet<string>;
  readonly blocks: Readonly<Record<string, readonly string[]>>;
}

const CALL_FIELDS = new Set(["id", "type", "function"]);
const CALLED_FIELDS = new Set(["name", "arguments"]);
const IMAGE_FIELDS = new Set(["url", "detail"]);
const TOKENS_PER_MESSAGE = 3;
const TOKENS_PER_IMAGE = 85;

/** One message, its fields known and of a possible shape. */
export interface CohereMessage extends JsonObject {
  readonly role: string;
}

/** The messages of a request. @throws SimError for what Cohere would refuse */
export function readMessages(body: JsonObject): readonly CohereMessage[] {
  const messages = optionalList(body, "messages");
  if (messages.length === 0) throw refused("messages must not be empty.");
  return messages.map(readMessage);
}

function readMessage(value: unknown, index: number): CohereMessage {
  const path = `messages[${index}]`;
  if (!isObject(value)) throw refused(`${path} must be an object.`);
  const name = value["role"];
  const role = typeof name === "string" ? ROLES[name] : undefined;
  if (role === undefined || typeof name !== "string") throw refused(`${path} has an unknown role.`);
  requireKnown(value, role.fields);
  readContent(value, role, path);
  for (const call of optionalList(value, "tool_calls")) readCall(call, `${path}.tool_calls`);
  if (name === "tool" && typeof value["tool_call_id"] !== "string") throw refused(`${path} needs a tool_call_id.`);
  return { ...value, role: name };
}

function readContent(message: JsonObject, role: Role, path: string): void {
  const { content } = message;
  if (typeof content === "string") return;
  if (content === undefined || content === null) {
    if (message["role"] !== "assistant") throw refused(`${path} must have content.`);
    return;
  }
  if (!isArray(content)) throw refused(`${path}.content must be text or a list of blocks.`);
  for (const block of content) readBlock(block, role, `${path}.content`);
}

function readBlock(block: unknown, { blocks }: Role, path: string): void {
  const type = isObject(block) ? block["type"] : undefined;
  const fields = typeof type === "string" ? blocks[type] : undefined;
  if (fields === undefined) throw refused(`${path} has a block of an unknown type.`);
  const read = knownObject(block, new Set(["type", ...fields]), path);
  if (type === "image_url") knownObject(read["image_url"], IMAGE_FIELDS, `${path}.image_url`);
}

function readCall(value: unknown, path: string): void {
  const call = knownObject(value, CALL_FIELDS, path);
  knownObject(call["function"], CALLED_FIELDS, `${path}.function`);
}

/** The blocks of a message, a text being one. */
export function blocksOf({ content }: CohereMessage): readonly JsonObject[] {
  if (typeof content === "string") return [{ type: "text", text: content }];
  return isArray(content) ? content.filter(isObject) : [];
}

/** The text of a message, its blocks joined by line ends. */
export function textOf(message: CohereMessage): string {
  const texts = blocksOf(message).flatMap(({ text }) => (typeof text === "string" ? [text] : []));
  return texts.join("\n");
}

/** Tokens of one message: 3, those of its texts, thoughts, documents and calls, and 85 for an image. */
export function messageTokens(message: CohereMessage): number {
  const calls = message["tool_calls"];
  const called = isArray(calls) ? countSimTokens(JSON.stringify(calls)) : 0;
  return blocksOf(message).reduce((sum, block) => sum + blockTokens(block), TOKENS_PER_MESSAGE + called);
}

function blockTokens({ type, text, thinking, document }: JsonObject): number {
  if (type === "image_url") return TOKENS_PER_IMAGE;
  const said = text ?? thinking ?? JSON.stringify(document ?? "");
  return typeof said === "string" ? countSimTokens(said) : 0;
}
