import type { ChatMessage } from "@alfred/contracts";
import { type Json, isBlank, parseRaw } from "../loose-json.ts";
import { ERROR_MARK } from "../tool-error.ts";
import { assistantBlocks, toolUseId } from "./assistant-turn.ts";
import { partBlock, textBlock } from "./content-part.ts";
import { type Draft, asList, invalid } from "./draft.ts";
import type { ModelTraits } from "./model-traits.ts";

type Role = "user" | "assistant" | "system";

interface Turn {
  readonly role: Role;
  readonly content: Json[];
}

/**
 * Writes `system` and `messages`. Messages of one side that follow each other become one turn, since all results of
 * parallel calls have to stand in the turn after them. Instructions go before the conversation, wherever they stood, but
 * for models that take them in their place.
 *
 * Source: https://platform.claude.com/docs/en/api/messages/create
 * @throws AlfredError INVALID_ARGUMENT
 */
export function writeConversation(messages: readonly ChatMessage[], traits: ModelTraits, draft: Draft): void {
  const system: Json[] = [];
  const turns: Turn[] = [];
  messages.forEach((message, index) => {
    const path = `messages[${index}]`;
    const role = roleOf(message);
    if (role === undefined) return draft.lacks(`${path}.role`);
    const blocks = messageBlocks(message, path, draft);
    const inPlace = role !== "system" || (traits.takesLaterSystem && isPlace(turns, messages[index + 1]));
    if (inPlace) addTurn(turns, role, blocks);
    else system.push(...blocks);
  });
  if (turns.length === 0 && system.length === 0 && draft.unsupported.length === 0) throw invalid("messages", "a list in which something is said");
  // It asks for something to answer: instructions alone are said by the user.
  const isAlone = turns.length === 0;
  if (system.length > 0 && !isAlone) draft.body["system"] = system;
  draft.body["messages"] = isAlone ? [{ role: "user", content: system }] : turns;
}

function roleOf({ role }: ChatMessage): Role | undefined {
  if (role === "user" || role === "assistant" || role === "system") return role;
  if (role === "developer") return "system";
  return role === "tool" ? "user" : undefined;
}

/** Instructions between turns stand after one of the user's and before one of the model's. */
function isPlace(turns: readonly Turn[], next: ChatMessage | undefined): boolean {
  return turns.at(-1)?.role === "user" && (next === undefined || next.role === "assistant");
}

function addTurn(turns: Turn[], role: Role, blocks: Json[]): void {
  const last = turns.at(-1);
  if (last?.role === role) last.content.push(...blocks);
  else if (blocks.length > 0) turns.push({ role, content: blocks });
}

function messageBlocks(message: ChatMessage, path: string, draft: Draft): Json[] {
  const { role, extra } = message;
  // The name of a tool says no more than the id of its call does.
  if (message.name !== undefined && role !== "tool") draft.lacks(`${path}.name`);
  noteLeftovers(message, path, draft);
  const said = contentBlocks(message, path, draft);
  const blocks = role === "tool" ? [toolResult(message, said, path)] : role === "assistant" ? assistantBlocks(message, said, path, draft) : said;
  const last = blocks.at(-1);
  const cache = extra["cache_control"];
  if (cache !== undefined && last !== undefined) last["cache_control"] = parseRaw(cache, `${path}.cache_control`);
  return blocks;
}

/** What a message may carry besides; annotations were for the reader, and the API has no place for them. */
const KNOWN_EXTRA = new Set(["annotations", "thinking_blocks", "content_blocks", "cache_control"]);
/** What of an earlier answer was said in another way; other marks of whoever gave it mean nothing here. */
const SAID_OTHERWISE = new Set(["audio", "function_call"]);

function noteLeftovers({ role, extra }: ChatMessage, path: string, draft: Draft): void {
  for (const [name, raw] of Object.entries(extra)) {
    const isKnown = role === "assistant" ? !SAID_OTHERWISE.has(name) : KNOWN_EXTRA.has(name) || (role === "tool" && name === ERROR_MARK);
    if (!isKnown && !isBlank(raw)) draft.lacks(`${path}.${name}`);
  }
}

function contentBlocks({ content, role }: ChatMessage, path: string, draft: Draft): Json[] {
  if (content?.$case !== "parts") return asList(textBlock(content?.value));
  return content.value.values.flatMap((part, index) => {
    const partPath = `${path}.content[${index}]`;
    const isInstruction = role === "system" || role === "developer";
    if (!isInstruction || part.type === "text") return asList(partBlock(part, partPath, draft));
    draft.lacks(partPath);
    return [];
  });
}

function toolResult({ toolCallId, extra }: ChatMessage, content: readonly Json[], path: string): Json {
  const id = toolUseId(toolCallId, `${path}.tool_call_id`);
  const isError = extra[ERROR_MARK];
  return {
    type: "tool_result",
    tool_use_id: id,
    ...(content.length === 0 ? {} : { content }),
    ...(isError === undefined || isBlank(isError) ? {} : { is_error: parseRaw(isError, `${path}.is_error`) }),
  };
}
