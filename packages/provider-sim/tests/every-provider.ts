import { simBaseUrls } from "../src/index.ts";
import type { SimProviderId } from "../src/index.ts";
import { user } from "./sim-client.ts";

/** How a provider is asked for a chat. */
interface Asking {
  path(isStream: boolean): string;
  headers(key: string): Record<string, string>;
  body(text: string, isStream: boolean): object;
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

const LIKE_OPENAI: Asking = {
  path: () => "/chat/completions",
  headers: bearer,
  body: (text, stream) => ({ model: "m", messages: user(text), stream }),
};

const UNLIKE: Readonly<Partial<Record<SimProviderId, Asking>>> = {
  azure: {
    ...LIKE_OPENAI,
    path: () => "/openai/deployments/m/chat/completions?api-version=2024-10-21",
    headers: (key) => ({ "api-key": key }),
  },
  anthropic: {
    path: () => "/v1/messages",
    headers: (key) => ({ "x-api-key": key, "anthropic-version": "2023-06-01" }),
    body: (text, stream) => ({ model: "m", max_tokens: 1_000, messages: user(text), stream }),
  },
  gemini: {
    path: (isStream) => `/models/m:${isStream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
    headers: (key) => ({ "x-goog-api-key": key }),
    body: (text) => ({ contents: [{ role: "user", parts: [{ text }] }] }),
  },
  cohere: { ...LIKE_OPENAI, path: () => "/chat" },
};

/** Asks a provider below the simulator for a chat about `text`, as its own clients do. */
export function ask(origin: string, id: SimProviderId, text: string, isStream = false, init: RequestInit = {}): Promise<Response> {
  const { path, headers, body } = UNLIKE[id] ?? LIKE_OPENAI;
  return fetch(simBaseUrls(origin)[id] + path(isStream), {
    method: "POST",
    headers: { "content-type": "application/json", ...headers("sk-simulator-key") },
    body: JSON.stringify(body(text, isStream)),
    ...init,
  });
}

/** A stream's text without what differs from one to the next of the same question: numbers, comments and kinds of line end. */
export function settled(stream: string): string {
  const lines = stream.replaceAll("\r\n", "\n").split("\n");
  const events = lines.filter((line) => !line.startsWith(":")).join("\n");
  return events.replaceAll(/\d+/g, "0").replaceAll(/\n{2,}/g, "\n\n").trim();
}
