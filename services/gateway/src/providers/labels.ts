import { ChatRequest } from "@alfred/contracts";
import { type Json, isBlank, parseRaw, toCamel, typedNames } from "./loose-json.ts";

/**
 * The one rule of what may be lost on the way to a provider. A field without which the answer is the same is a label: where
 * a provider has no place for it, it is left out without a word. Whatever would change the answer is told instead.
 * Beside each name the reason why it changes none.
 */
const LABELS: Readonly<Record<string, string>> = {
  user: "names the end user to the provider, for its own records",
  safety_identifier: "names the end user to the provider's detection of abuse",
  metadata: "labels an answer that the provider stores, and none is stored unless `store` asks for it",
  prompt_cache_key: "says which cache to look into; what is cached is read the same elsewhere",
  prompt_cache_retention: "says how long a cache is kept; the answer is the same with or without",
  cache_control: "marks what is worth caching; the answer is the same with or without",
  stream_options: "says what a stream tells besides its text; the gateway asks for the usage by itself, and shapes the stream",
};

/** The names of all labels. */
export const labels: readonly string[] = Object.keys(LABELS);

/** Values that ask for no more than is done anyway, of fields whose other values change the answer. */
const IDLE: Readonly<Record<string, readonly unknown[]>> = {
  n: [1],
  store: [false],
  service_tier: ["auto", "default"],
  logprobs: [false],
  top_logprobs: [0],
  presence_penalty: [0],
  frequency_penalty: [0],
  verbosity: ["medium"],
  parallel_tool_calls: [true],
  tool_choice: ["auto"],
};

/** Fields of OpenAI's that have no typed field in the contract, and change the answer. */
export const UNTYPED: readonly string[] = ["audio", "prediction", "functions", "function_call", "web_search_options"];

/** Whether the answer is the same without the field. */
export function isLabel(name: string): boolean {
  return Object.hasOwn(LABELS, name);
}

/** Whether the value asks for nothing beyond what is done without it. */
export function isIdle(name: string, value: unknown): boolean {
  if (value === undefined || value === null || value === "") return true;
  if (name === "modalities" && Array.isArray(value)) return value.every((each) => each === "text");
  // An empty one asks for a search as it is by default.
  if (name === "web_search_options") return false;
  if (typeof value === "object") return isBlank(JSON.stringify(value));
  return IDLE[name]?.includes(value) === true;
}

/** Those of the fields that ask for something, for a provider that has nothing for any of them. */
export function unserved(chat: ChatRequest, lacking: readonly string[]): string[] {
  return lacking.filter((name) => !isIdle(name, valueOf(chat, name)));
}

const TYPED = typedNames(ChatRequest);

function valueOf(chat: ChatRequest, name: string): unknown {
  if (name === "tool_choice") return chat.toolChoice?.choice?.value;
  if (TYPED.has(name)) return chat[toCamel(name) as keyof ChatRequest];
  const raw = chat.extra[name];
  return raw === undefined ? undefined : parseRaw(raw, name);
}

/** What of a chat OpenAI does not know. */
interface Own {
  /** The provider's own fields, parsed, nulls and empty ones included. */
  readonly fields: Json;
  /** Fields of OpenAI's that stand where only unknown ones may: by them a request would be neither checked nor priced. */
  readonly stray: readonly string[];
}

/** @param places the labels that the provider has a place for */
export function ownFields({ extra }: ChatRequest, places: readonly string[] = []): Own {
  const fields: Json = {};
  const stray: string[] = [];
  for (const [name, raw] of Object.entries(extra)) {
    if (name === "stream" || UNTYPED.includes(name)) continue;
    if (TYPED.has(name)) {
      if (!isBlank(raw)) stray.push(name);
    } else if (!isLabel(name) || places.includes(name)) fields[name] = parseRaw(raw, name);
  }
  return { fields, stray };
}
