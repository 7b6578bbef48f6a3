import { type ChatMessage, type ChatRequest, ContentPart } from "@alfred/contracts";

/** By this field of a result of a tool, which OpenAI does not have, a client says that the tool failed. */
export const ERROR_MARK = "is_error";

/** What the result of a tool that failed begins with where a provider has no flag for it. */
const WORD = "Error: ";

/** A chat whose results say in their text that the tool failed, for a provider that cannot be told otherwise. */
export function errorsAsText(chat: ChatRequest): ChatRequest {
  if (!chat.messages.some(isMarked)) return chat;
  return { ...chat, messages: chat.messages.map((message) => (isMarked(message) ? asText(message) : message)) };
}

function isMarked({ role, extra }: ChatMessage): boolean {
  return role === "tool" && extra[ERROR_MARK] !== undefined;
}

function asText(message: ChatMessage): ChatMessage {
  const { [ERROR_MARK]: mark, ...extra } = message.extra;
  return { ...message, extra, content: mark === "true" ? failed(message.content) : message.content };
}

function failed(content: ChatMessage["content"]): ChatMessage["content"] {
  if (content?.$case !== "parts") return { $case: "text", value: WORD + (content?.value ?? "") };
  const { values } = content.value;
  const at = values.findIndex(({ type }) => type === "text");
  // The places of what is there stay as they are, since what cannot be said is told by them.
  const marked = values.map((part, index) => (index === at ? { ...part, text: WORD + (part.text ?? "") } : part));
  return { $case: "parts", value: { values: at === -1 ? [...values, ContentPart.create({ type: "text", text: WORD.trim() })] : marked } };
}
