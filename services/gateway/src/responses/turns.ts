import { ChatMessage, type ContentPart, ContentPart as Part, type ResponseItem, ToolCall } from "@alfred/contracts";
import { NOTHING_CARRIED, type Carried, readCarried } from "./carried.ts";
import { plainText, toContent } from "./content.ts";

/** A message of a chat, and where what it says stood in the client's request. */
export interface Placed extends Place {
  readonly message: ChatMessage;
}

/** Where a message stood. */
export interface Place {
  readonly path: string;
  /** Where the parts of its content stood one by one, where they did. */
  readonly parts?: string;
}

/** An answer of the assistant as it is put together from its items. */
interface Turn {
  readonly path: string;
  content: ChatMessage["content"];
  thoughts: string;
  readonly calls: ToolCall[];
  carried: Carried;
}

/**
 * Items as messages of a chat. What the assistant made in a row, its thoughts, its text and its calls, is one message there.
 * @param carries whether what came with earlier answers goes back to whom it came from
 */
export function toMessages(items: readonly ResponseItem[], carries: boolean): Placed[] {
  const placed: (Placed | Turn)[] = [];
  for (const [index, item] of items.entries()) {
    const path = `input[${index}]`;
    const other = otherMessage(item, path);
    if (other === undefined) addToTurn(turnFor(placed, item, path), item, path);
    else placed.push({ message: other, ...placeOf(item, path) });
  }
  return placed.map((each) => ("message" in each ? each : { path: each.path, message: turnMessage(each, carries) }));
}

function placeOf(item: ResponseItem, path: string): Place {
  return isUnknown(item) ? { path } : { path, parts: `${path}.${item.output === undefined ? "content" : "output"}` };
}

/** A message of anyone but the assistant; undefined for what the assistant made. */
function otherMessage(item: ResponseItem, path: string): ChatMessage | undefined {
  const { type = "message", role = "", callId, output, content } = item;
  if (type === "function_call_output" || type === "custom_tool_call_output") {
    return ChatMessage.create({ role: "tool", toolCallId: callId ?? "", content: toContent(output, `${path}.output`) });
  }
  if (type === "message") return role === "assistant" ? undefined : ChatMessage.create({ role, content: toContent(content, `${path}.content`) });
  return OF_ASSISTANT.has(type) ? undefined : unknownMessage(item, type);
}

const OF_ASSISTANT = new Set(["reasoning", "function_call", "custom_tool_call"]);

/** Whether a chat has no place for items of this type. */
export function isUnknown({ type = "message" }: ResponseItem): boolean {
  return !KNOWN.has(type);
}

const KNOWN = new Set(["message", "function_call_output", "custom_tool_call_output", ...OF_ASSISTANT]);

/** An item that a chat does not have: a part of its type, so that no provider takes it for something else, and none is priced as text. */
function unknownMessage({ extra }: ResponseItem, type: string): ChatMessage {
  return ChatMessage.create({ role: "user", content: { $case: "parts", value: { values: [{ type, extra }] } } });
}

/** The turn that an item belongs to: two texts in a row are two turns, unless calls, which want their results at once, stand between. */
function turnFor(placed: (Placed | Turn)[], { type = "message" }: ResponseItem, path: string): Turn {
  const last = placed.at(-1);
  const isOpen = last !== undefined && !("message" in last) && (type !== "message" || last.content === undefined || last.calls.length > 0);
  if (isOpen) return last;
  const turn: Turn = { path, content: undefined, thoughts: "", calls: [], carried: NOTHING_CARRIED };
  placed.push(turn);
  return turn;
}

function addToTurn(turn: Turn, item: ResponseItem, path: string): void {
  const { type, content, summary, encryptedContent } = item;
  if (type === "reasoning") {
    turn.thoughts += summary.map(({ text }) => text ?? "").join("\n") || plainText(content);
    const { message, calls } = readCarried(encryptedContent);
    turn.carried = { message: { ...turn.carried.message, ...message }, calls: { ...turn.carried.calls, ...calls } };
  } else if (type === "function_call" || type === "custom_tool_call") turn.calls.push(toCall(item));
  else turn.content = joined(turn.content, toContent(content, `${path}.content`));
}

function joined(before: ChatMessage["content"], next: NonNullable<ChatMessage["content"]>): ChatMessage["content"] {
  if (before === undefined) return next;
  return { $case: "parts", value: { values: [...partsOf(before), ...partsOf(next)] } };
}

function partsOf(content: NonNullable<ChatMessage["content"]>): ContentPart[] {
  return content.$case === "parts" ? content.value.values : [Part.create({ type: "text", text: content.value })];
}

/** The arguments are text as the model wrote it, here and there. */
function toCall({ type, callId, name = "", arguments: text = "", input = "" }: ResponseItem): ToolCall {
  const id = callId ?? "";
  if (type === "custom_tool_call") return ToolCall.create({ id, type: "custom", extra: { custom: JSON.stringify({ name, input }) } });
  return ToolCall.create({ id, type: "function", function: { name, arguments: text, extra: {} } });
}

function turnMessage({ content, thoughts, calls, carried }: Turn, carries: boolean): ChatMessage {
  const toolCalls = carries ? calls.map((call) => ({ ...call, extra: { ...call.extra, ...carried.calls[call.id ?? ""] } })) : calls;
  return ChatMessage.create({
    role: "assistant",
    content,
    toolCalls,
    reasoningContent: thoughts === "" ? undefined : thoughts,
    extra: carries ? carried.message : {},
  });
}
