import { isObject } from "@alfred/openai";

/** What of a request becomes text to the model. */
export interface PromptText {
  /** All of it in one piece. */
  readonly text: string;
  /** How many messages, texts or tools it came in; each takes a few tokens more than its text. */
  readonly pieces: number;
}

type Json = Readonly<Record<string, unknown>>;

/** The text of a chat: messages, tools and the answer's schema; media in base64 left out. */
export function chatText(body: Json): PromptText {
  const texts: string[] = [];
  const messages = asList(body["messages"]);
  for (const message of messages) if (isObject(message)) addMessage(message, texts);
  // Before there were tools, functions stood by themselves.
  const tools = [...asList(body["tools"]), ...asList(body["functions"])];
  for (const tool of tools) texts.push(JSON.stringify(tool));
  if (body["response_format"] !== undefined) texts.push(JSON.stringify(body["response_format"]));
  return { text: texts.join("\n"), pieces: messages.length + tools.length };
}

/** The text of embeddings. Token ids are no text; they count as they are. */
export function embeddingText(body: Json): PromptText {
  const input = body["input"];
  const texts = (typeof input === "string" ? [input] : asList(input)).filter((each) => typeof each === "string");
  return { text: texts.join("\n"), pieces: 0 };
}

/** The text of completions, and what is to come after them. */
export function completionText({ prompt, suffix }: Json): PromptText {
  const { text } = embeddingText({ input: prompt });
  return { text: typeof suffix === "string" ? `${text}\n${suffix}` : text, pieces: 0 };
}

/** The text of what is judged. */
export function moderationText({ input }: Json): PromptText {
  const { text } = chatText({ messages: [{ content: input }] });
  return { text, pieces: 0 };
}

function addMessage(message: Json, texts: string[]): void {
  const { content, name, tool_calls: calls, reasoning_content: reasoning } = message;
  for (const text of [name, content, reasoning]) if (typeof text === "string") texts.push(text);
  for (const part of asList(content)) texts.push(partText(part));
  for (const call of asList(calls)) texts.push(JSON.stringify(call));
}

function partText(part: unknown): string {
  if (typeof part === "string") return part;
  if (!isObject(part)) return "";
  const { type, text, refusal, file } = part;
  if (typeof text === "string") return text;
  if (typeof refusal === "string") return refusal;
  if (type === "image_url" || type === "input_audio") return "";
  // Of a file only its size is known: its base64 stands for about as much text.
  return isObject(file) && typeof file["file_data"] === "string" ? file["file_data"] : JSON.stringify(part);
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
