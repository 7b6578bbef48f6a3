import { isArray, isObject } from "../../json-fields.ts";
import type { JsonObject } from "../../json-fields.ts";
import type { Edition } from "./edition.ts";
import { refused } from "./errors.ts";

/** A block of a turn, and where in the request it stood. */
export interface PlacedBlock {
  readonly block: JsonObject;
  readonly place: string;
}

/** Consecutive messages of one role, which the API takes for one turn. */
export interface Turn {
  readonly role: string;
  /** The place of its first message. */
  readonly place: string;
  readonly blocks: readonly PlacedBlock[];
}

function blocksOf(content: unknown, place: string): PlacedBlock[] {
  if (typeof content === "string") return [{ block: { type: "text", text: content }, place }];
  const blocks = isArray(content) ? content.filter(isObject) : [];
  return blocks.map((block, index) => ({ block, place: `${place}.content.${index}` }));
}

/** The conversation of a body that has its shape, turn by turn. @throws SimError for an order that the API refuses */
export function readTurns(body: JsonObject, { isLatest }: Edition): readonly Turn[] {
  const messages = (isArray(body["messages"]) ? body["messages"] : []).filter(isObject);
  if (messages.length === 0) throw refused("at least one message is required", "messages");
  const turns: { role: string; place: string; blocks: PlacedBlock[] }[] = [];
  for (const [index, { role, content }] of messages.entries()) {
    const place = `messages.${index}`;
    const blocks = blocksOf(content, place);
    const isLast = index === messages.length - 1;
    checkText(blocks, place, isLast && role === "assistant");
    const before = turns.at(-1);
    if (before !== undefined && before.role === role) before.blocks.push(...blocks);
    else turns.push({ role: String(role), place, blocks });
  }
  checkOrder(turns);
  if (isLatest) checkLatest(turns);
  return turns;
}

function checkText(blocks: readonly PlacedBlock[], place: string, mayBeEmpty: boolean): void {
  const isEmpty = blocks.every(({ block }) => block["type"] === "text" && block["text"] === "");
  if (isEmpty && mayBeEmpty) return;
  if (isEmpty) throw refused("all messages must have non-empty content except for the optional final assistant message", place);
  for (const { block } of blocks) {
    if (block["type"] !== "text") continue;
    if (block["text"] === "") throw refused("text content blocks must be non-empty", "messages");
    if (String(block["text"]).trim() === "") throw refused("text content blocks must contain non-whitespace text", "messages");
  }
}

/** A user speaks first; a system message between turns follows the user's, and the assistant's answer to it or nothing comes next. */
function checkOrder(turns: readonly Turn[]): void {
  if (turns[0]?.role !== "user") throw refused(`first message must use the "user" role`, "messages");
  for (const [index, { role, place, blocks }] of turns.entries()) {
    if (role === "system" && turns[index - 1]?.role !== "user") {
      throw refused("a message of role 'system' must come immediately after a user turn", place);
    }
    for (const placed of blocks) checkRole(role, placed);
  }
}

const OF_USER = new Set(["image", "search_result", "tool_result"]);
const OF_ASSISTANT = new Set(["thinking", "redacted_thinking", "tool_use", "server_tool_use"]);

function checkRole(role: string, { block, place }: PlacedBlock): void {
  const type = String(block["type"]);
  if (role === "system" && type !== "text") throw refused("system messages can only contain `text` blocks", place);
  if (role === "assistant" && OF_USER.has(type)) throw refused(`\`${type}\` blocks can only be in \`user\` messages`, place);
  if (role === "user" && OF_ASSISTANT.has(type)) throw refused(`\`${type}\` blocks can only be in \`assistant\` messages`, place);
}

/** What version 2026-10-21 refuses. Source: https://platform.claude.com/docs/en/api/migration-2026-10-21 */
function checkLatest(turns: readonly Turn[]): void {
  for (const { role, blocks } of turns) {
    for (const { block, place } of blocks) {
      const { type, citations } = block;
      if (role === "assistant" && type === "document") throw refused("`document` blocks can only be in `user` messages", place);
      const isCiting = role === "user" && type === "text" && isArray(citations) && citations.length > 0;
      if (isCiting) throw refused("`citations` can only be in `assistant` messages", place);
    }
  }
}

/**
 * Each call of an assistant's turn has its result at the beginning of the user's turn that follows, and each result its call.
 * Source: https://platform.claude.com/docs/en/agents-and-tools/tool-use/handle-tool-calls
 */
export function checkToolPairs(turns: readonly Turn[]): void {
  const seen = new Set<unknown>();
  for (const [index, turn] of turns.entries()) {
    const before = turns[index - 1];
    checkResults(turn, before?.role === "assistant" ? idsOf(before, "tool_use", "id") : []);
    const calls = idsOf(turn, "tool_use", "id");
    for (const id of calls) {
      if (seen.has(id)) throw refused("`tool_use` ids must be unique", "messages");
      seen.add(id);
    }
    checkAnswered(turn, calls, turns[index + 1]);
  }
}

function idsOf({ blocks }: Turn, type: string, field: string): readonly unknown[] {
  return blocks.filter(({ block }) => block["type"] === type).map(({ block }) => block[field]);
}

function checkResults({ blocks }: Turn, calls: readonly unknown[]): void {
  for (const { block, place } of blocks) {
    if (block["type"] !== "tool_result" || calls.includes(block["tool_use_id"])) continue;
    const message = `unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${String(block["tool_use_id"])}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`;
    throw refused(message, place);
  }
}

function checkAnswered(turn: Turn, calls: readonly unknown[], next: Turn | undefined): void {
  if (calls.length === 0) return;
  const end = next?.blocks.findIndex(({ block }) => block["type"] !== "tool_result") ?? 0;
  const leading = end < 0 ? next?.blocks : next?.blocks.slice(0, end);
  const results = new Set((leading ?? []).map(({ block }) => block["tool_use_id"]));
  const open = calls.filter((id) => !results.has(id));
  if (open.length === 0) return;
  const message = `\`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${open.join(", ")}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`;
  throw refused(message, turn.place);
}
