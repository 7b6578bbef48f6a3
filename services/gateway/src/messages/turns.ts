import { ChatMessage, type MessageBlock, type MessageTurn, ToolCall } from "@alfred/contracts";
import { CARRIED, carriedOf } from "../providers/carried.ts";
import { blocksOf, blocksOfResult, toPart } from "./content.ts";

/** Where what a message of a chat says stood in the client's request. */
export interface Place {
  /** A turn or a result within one, as "messages[1]", "messages[1].content[0]". */
  readonly path: string;
  /** Which of the blocks there comes first. */
  readonly first: number;
}

/** A message of a chat, and where it comes from. */
export interface Placed {
  readonly message: ChatMessage;
  readonly place: Place;
}

/** A turn as messages of a chat: each result of a tool is a message of its own there, in its place among the others. */
export function toMessages({ role, content, extra }: MessageTurn, path: string): Placed[] {
  const blocks = blocksOf(content);
  if (role === "assistant") return [{ place: { path, first: 0 }, message: assistantMessage(blocks, path) }];
  const plain = content?.content?.$case === "text" ? content.content.value : undefined;
  if (plain !== undefined) return [{ place: { path, first: 0 }, message: ChatMessage.create({ role, content: { $case: "text", value: plain }, extra }) }];
  return runsOf(blocks).map(({ first, blocks: run }) => {
    const [head] = run;
    if (head?.type !== "tool_result") return { place: { path, first }, message: userMessage(role, run, first, path) };
    const place = { path: `${path}.content[${first}]`, first: 0 };
    return { place, message: resultMessage(head, place.path) };
  });
}

interface Run {
  /** The place of its first block in the turn. */
  readonly first: number;
  readonly blocks: MessageBlock[];
}

/** Results one by one, and what stands between them together. */
function runsOf(blocks: readonly MessageBlock[]): Run[] {
  const runs: Run[] = [];
  for (const [first, block] of blocks.entries()) {
    const last = runs.at(-1);
    const joins = block.type !== "tool_result" && last !== undefined && last.blocks[0]?.type !== "tool_result";
    if (joins) last.blocks.push(block);
    else runs.push({ first, blocks: [block] });
  }
  return runs;
}

function userMessage(role: string, blocks: readonly MessageBlock[], first: number, path: string): ChatMessage {
  const values = blocks.map((block, index) => toPart(block, `${path}.content[${first + index}]`));
  return ChatMessage.create({ role, content: { $case: "parts", value: { values } } });
}

function resultMessage({ toolUseId, content, isError, extra }: MessageBlock, path: string): ChatMessage {
  const values = blocksOfResult(content).map((block, index) => toPart(block, `${path}.content[${index}]`));
  const [only] = values;
  const isPlain = values.length === 1 && only?.type === "text" && Object.keys(only.extra).length === 0;
  return ChatMessage.create({
    role: "tool",
    toolCallId: toolUseId ?? "",
    content: values.length === 0 || isPlain ? { $case: "text", value: only?.text ?? "" } : { $case: "parts", value: { values } },
    extra: { ...extra, ...(isError === true ? { is_error: "true" } : {}) },
  });
}

/** An earlier answer: its text together, its thoughts, its calls. */
function assistantMessage(blocks: readonly MessageBlock[], path: string): ChatMessage {
  const said = blocks.flatMap((block, index) => (isSaid(block) ? [toPart(block, `${path}.content[${index}]`)] : []));
  const isPlain = said.every(({ type }) => type === "text");
  const thoughts = blocks.flatMap(({ type, thinking }) => (type === "thinking" && thinking !== undefined ? [thinking] : []));
  const carried = blocks.flatMap(({ type, extra }) => (type === "tool_use" ? [] : (extra[CARRIED] ?? []))).at(-1);
  return ChatMessage.create({
    role: "assistant",
    content: contentOf(said, isPlain),
    reasoningContent: thoughts.length === 0 ? undefined : thoughts.join(""),
    toolCalls: blocks.flatMap((block) => (block.type === "tool_use" ? [toCall(block)] : [])),
    extra: carried === undefined ? {} : { [CARRIED]: carried },
  });
}

const UNSAID = new Set(["thinking", "redacted_thinking", "tool_use"]);

function isSaid({ type }: MessageBlock): boolean {
  return !UNSAID.has(type);
}

function contentOf(parts: ReturnType<typeof toPart>[], isPlain: boolean): ChatMessage["content"] {
  if (parts.length === 0) return undefined;
  if (isPlain) return { $case: "text", value: parts.map(({ text }) => text ?? "").join("") };
  return { $case: "parts", value: { values: parts } };
}

function toCall({ id, name, input, extra }: MessageBlock): ToolCall {
  return ToolCall.create({
    id: id ?? "",
    type: "function",
    function: { name: name ?? "", arguments: input ?? "{}", extra: {} },
    extra: carriedOf(extra),
  });
}
