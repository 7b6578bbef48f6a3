import type { ChatMessage, ToolCall } from "@alfred/contracts";
import { type Json, besideFields, toArguments } from "../loose-json.ts";
import { namesKeptFile } from "../operator-file.ts";
import { textBlock } from "./content-part.ts";
import { type Draft, asList, invalid, parseObjects } from "./draft.ts";

/**
 * An earlier answer as blocks: as it was made of them where it carries them, else its thoughts as they were signed, its
 * text and its calls. Thoughts without a signature are not sent, since the API takes none that it did not sign.
 */
export function assistantBlocks(message: ChatMessage, said: readonly Json[], path: string, draft: Draft): Json[] {
  const own = ownBlocks(message, path, draft);
  if (own.length > 0) return own;
  return [
    ...thinkingBlocks(message, path, draft),
    ...said,
    ...asList(textBlock(message.refusal)),
    ...toolUses(message.toolCalls, path, draft),
  ];
}

/** The blocks that the answer was made of, but for empty texts, which the API refuses. */
function ownBlocks({ extra }: ChatMessage, path: string, draft: Draft): Json[] {
  const field = `${path}.content_blocks`;
  const blocks = parseObjects(extra["content_blocks"], field);
  if (!blocks.some((block) => namesKeptFile(block))) return blocks.filter(({ type, text }) => type !== "text" || text !== "");
  draft.lacks(field);
  return [];
}

function thinkingBlocks({ extra }: ChatMessage, path: string, draft: Draft): Json[] {
  const field = `${path}.thinking_blocks`;
  const blocks = parseObjects(extra["thinking_blocks"], field);
  blocks.forEach((block, index) => {
    if (!isSigned(block)) draft.lacks(`${field}[${index}]`);
  });
  return blocks.filter(isSigned);
}

function isSigned({ type, signature, data }: Json): boolean {
  return type === "thinking" ? typeof signature === "string" : type === "redacted_thinking" && typeof data === "string";
}

function toolUses(calls: readonly ToolCall[], path: string, draft: Draft): Json[] {
  return calls.flatMap((call, index) => asList(toolUse(call, `${path}.tool_calls[${index}]`, draft)));
}

function toolUse(call: ToolCall, path: string, draft: Draft): Json | undefined {
  const { type = "function", function: called, extra } = call;
  if (type !== "function" || called === undefined) {
    draft.lacks(path);
    return undefined;
  }
  if (called.name === undefined || called.name === "") throw invalid(`${path}.function.name`, "the name of a function");
  const id = toolUseId(call.id, `${path}.id`);
  return { type: "tool_use", id, name: called.name, input: toArguments(called.arguments, path), ...callExtra(extra, path) };
}

/** What the API knows beside a call; other providers' marks, as signatures, mean nothing to it. */
const CALL_FIELDS = new Set(["cache_control", "caller"]);

function callExtra(extra: Readonly<Record<string, string>>, path: string): Json {
  return besideFields(Object.fromEntries(Object.entries(extra).filter(([name]) => CALL_FIELDS.has(name))), CALL_FIELDS, path);
}

/**
 * The id of a call, in the letters that the API takes: other providers use more.
 * @throws AlfredError INVALID_ARGUMENT where there is none
 */
export function toolUseId(id: string | undefined, field: string): string {
  if (id === undefined || id === "") throw invalid(field, "the id of a call");
  return id.replaceAll(/[^a-zA-Z0-9_-]/g, "_");
}
