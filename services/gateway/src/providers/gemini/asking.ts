import { parseJson, readChatRequest } from "@alfred/openai";
import { gemini } from "./dialect.ts";

export const BASE = "https://generativelanguage.googleapis.com/v1beta";
export const USER = { role: "user", content: "Hi" };

/** A request as it would be sent. */
export interface Asked {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Record<string, unknown>;
  /** The body as it is written. */
  readonly text: string;
  readonly unsupported: readonly string[];
}

/** What a client's body becomes for Gemini. */
export function ask(fields: Record<string, unknown>, model = "gemini-2.5-flash", streamed = false): Asked {
  const json = parseJson(JSON.stringify({ model: "m", messages: [USER], ...fields }));
  const { chat } = readChatRequest(json);
  const { request, unsupported } = gemini.chat(chat, { baseUrl: BASE, secret: "AIza-test", model }, streamed);
  const text = JSON.stringify(request.body);
  return { url: request.url, headers: request.headers, body: JSON.parse(text) as Record<string, unknown>, text, unsupported };
}

/** What messages become for Gemini. */
export function contents(...messages: unknown[]): unknown {
  return ask({ messages }).body["contents"];
}
