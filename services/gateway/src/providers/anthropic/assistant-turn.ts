import type { ChatMessage, ToolCall } from "@alfred/contracts";
import { isObject, parseJson } from "@alfred/openai";
import type { Json } from "../loose-json.ts";
import { namesFile, textBlock } from "./content-part.ts";
import { type Draft, asList, invalid, parseExtra, parseObjects } from "./draft.ts";

/**
 * An earlier answer as blocks: its thoughts as they were signed, its text, its calls, and what else it was made of at the
 * places it had. Thoughts without a signature are not sent, since the API takes none that it did not sign.
 */
export function assistantBlocks(message: ChatMessage, said: readonly Json[], path: string, draft: Draft): Json[] {
  const blocks = [
    ...thinkingBlocks(message, path, draft),
    ...said,
    ...asList(textBlock(message.refusal)),
    ...toolUses(message.toolCalls, path, draft),
  ];
  for (const { index, block } of carriedBlocks(message, path)) {
    if (namesFile(block)) draft.lacks(`${path}.content_blocks`);
    else blocks.splice(index, 0, block);
  }
  return blocks;
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

interface Carried {
  readonly index: number;
  readonly block: Json;
}

/** Blocks without a counterpart, as answers carry them, in the order of their places. */
function carriedBlocks({ extra }: ChatMessage, path: string): Carried[] {
  const entries = parseObjects(extra["content_blocks"], `${path}.content_blocks`);
  const carried = entries.flatMap(({ index, block }): Carried[] =>
    Number.isSafeInteger(index) && Number(index) >= 0 && isObject(block) ? [{ index: Number(index), block }] : [],
  );
  return carried.toSorted((left, right) => left.index - right.index);
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
  return { type: "tool_use", id, name: called.name, input: inputOf(called.arguments ?? ""), ...callExtra(extra, path) };
}

/** What the API knows beside a call; other providers' marks, as signatures, mean nothing to it. */
const CALL_FIELDS = new Set(["cache_control", "caller"]);

function callExtra(extra: Readonly<Record<string, string>>, path: string): Json {
  return parseExtra(Object.fromEntries(Object.entries(extra).filter(([name]) => CALL_FIELDS.has(name))), path);
}

/**
 * The arguments as an object, which the API insists on. What a model wrote that is none is wrapped as the documentation
 * advises, so that the model sees its mistake.
 * Source: https://platform.claude.com/docs/en/agents-and-tools/tool-use/fine-grained-tool-streaming
 */
function inputOf(text: string): Json {
  if (text.trim() === "") return {};
  try {
    const input = parseJson(text);
    if (isObject(input)) return input;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return { INVALID_JSON: text };
}

/**
 * The id of a call, in the letters that the API takes: other providers use more.
 * @throws AlfredError INVALID_ARGUMENT where there is none
 */
export function toolUseId(id: string | undefined, field: string): string {
  if (id === undefined || id === "") throw invalid(field, "the id of a call");
  return id.replaceAll(/[^a-zA-Z0-9_-]/g, "_");
}
