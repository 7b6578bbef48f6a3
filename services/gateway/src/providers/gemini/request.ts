import type { ChatRequest } from "@alfred/contracts";
import type { Mapped, Target } from "../dialect.ts";
import { listOf, objectOf, sentFields, type Json } from "../loose-json.ts";
import { toContents } from "./contents.ts";
import { generationConfig } from "./generation-config.ts";
import { modelPath } from "./model.ts";
import { toTools } from "./tools.ts";

/** OpenAI's fields of no meaning here. */
const UNKNOWN_HERE = new Set(["audio", "prediction", "functions", "function_call"]);
/**
 * What OpenAI's fields say, by which a request is priced, is not said a second time behind them; a tier costs more than the
 * price book says, and what is cached belongs to the operator's account, whoever put it there.
 */
const REFUSED = new Set([
  "contents", "systemInstruction", "model", "tools", "candidateCount", "maxOutputTokens", "serviceTier", "cachedContent",
]);
/** Hints that Gemini follows by itself or not at all, without an answer that differs. */
const HINTS = new Set(["prompt_cache_retention", "cache_control"]);
/** Fields of `generationConfig` that a client may name on their own, also in Google's other spelling. */
const CONFIG = new Set([
  "topK", "responseSchema", "responseJsonSchema", "responseModalities", "mediaResolution", "speechConfig", "imageConfig",
  "thinkingConfig", "enableEnhancedCivicAnswers",
]);

/** @throws AlfredError INVALID_ARGUMENT where the model has no possible name */
export function toChat(request: ChatRequest, target: Target, streamed: boolean): Mapped {
  const unsupported = unservedFields(request);
  const { model, baseUrl } = target;
  const passed = passedThrough(request, unsupported);
  const body: Json = {
    ...passed.body,
    ...toContents(request.messages, { model, unsupported }),
    ...toTools(request, unsupported),
    generationConfig: { ...passed.config, ...generationConfig(request, model, unsupported) },
  };
  if (passed.searches) body["tools"] = [...listOf(body["tools"]), { googleSearch: {} }];
  const method = streamed ? "streamGenerateContent?alt=sse" : "generateContent";
  return { request: { url: `${baseUrl}/${modelPath(model)}:${method}`, headers: credentials(target), body }, unsupported };
}

/** In a header, since addresses are logged. */
export function credentials({ secret }: Target): Record<string, string> {
  return secret === "" ? {} : { "x-goog-api-key": secret };
}

/** Labels of the client's own (`user`, `metadata`, keys of caches) change no answer and are left out. */
function unservedFields(request: ChatRequest): string[] {
  const unserved = [];
  if (Object.keys(request.logitBias).length > 0) unserved.push("logit_bias");
  if (!["medium", undefined].includes(request.verbosity)) unserved.push("verbosity");
  if (request.store === true) unserved.push("store");
  if (!["auto", "default", undefined].includes(request.serviceTier)) unserved.push("service_tier");
  return unserved;
}

interface Passed {
  readonly body: Json;
  readonly config: Json;
  /** Whether the client wants Google to be searched. */
  readonly searches: boolean;
}

/** What the client sent that OpenAI does not know is Gemini's, in the place that it has there. */
function passedThrough({ extra }: ChatRequest, unsupported: string[]): Passed {
  const sent = sentFields(extra);
  const { google, extra_body: extraBody, web_search_options: _search, ...named } = sent;
  const fields = { ...named, ...objectOf(objectOf(extraBody)["google"]), ...objectOf(google) };
  const body: Json = {};
  const config: Json = {};
  for (const [name, value] of Object.entries(fields)) {
    const camel = toCamel(name);
    if (UNKNOWN_HERE.has(name) || REFUSED.has(camel)) unsupported.push(name);
    else if (camel === "generationConfig") Object.assign(config, configFields(name, objectOf(value), unsupported));
    else if (CONFIG.has(camel)) config[camel] = value;
    else if (!HINTS.has(name)) body[camel] = value;
  }
  const search = extra["web_search_options"];
  const searches = search !== undefined && search !== "null";
  for (const name of Object.keys(objectOf(sent["web_search_options"]))) unsupported.push(`web_search_options.${name}`);
  return { body, config, searches };
}

function configFields(path: string, fields: Json, unsupported: string[]): Json {
  const camel = Object.entries(fields).map(([name, value]) => [toCamel(name), value] as const);
  for (const [name] of camel) if (REFUSED.has(name)) unsupported.push(`${path}.${name}`);
  return Object.fromEntries(camel.filter(([name]) => !REFUSED.has(name)));
}

/** Google's JSON is read in both spellings; it is written in one. */
function toCamel(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
