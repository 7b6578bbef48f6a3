import type { ChatRequest } from "@alfred/contracts";
import type { Mapped, Target } from "../dialect.ts";
import { isIdle, ownFields, unserved } from "../labels.ts";
import { listOf, objectOf, parseRaw, toCamel, type Json } from "../loose-json.ts";
import { toContents } from "./contents.ts";
import { generationConfig } from "./generation-config.ts";
import { modelPath } from "./model.ts";
import { toTools } from "./tools.ts";

/** OpenAI's fields of no meaning here; a search is said in a way of its own. */
const LACKING = ["logit_bias", "verbosity", "store", "service_tier", "audio", "prediction", "functions", "function_call"];
/**
 * What OpenAI's fields say, by which a request is priced, is not said a second time behind them; a tier costs more than the
 * price book says, and what is cached belongs to the operator's account, whoever put it there.
 */
const REFUSED = new Set([
  "contents", "systemInstruction", "model", "tools", "candidateCount", "maxOutputTokens", "serviceTier", "cachedContent",
]);
/** Fields of `generationConfig` that a client may name on their own, also in Google's other spelling. */
const CONFIG = new Set([
  "topK", "responseSchema", "responseJsonSchema", "responseModalities", "mediaResolution", "speechConfig", "imageConfig",
  "thinkingConfig", "enableEnhancedCivicAnswers",
]);

/** Fields of the body that are known here; others are sent by the name that the client gave them. */
const NAMED = new Set(["safetySettings", "toolConfig", "labels", "store"]);

/** @throws AlfredError INVALID_ARGUMENT where the model has no possible name */
export function toChat(request: ChatRequest, target: Target, streamed: boolean): Mapped {
  const unsupported = unserved(request, LACKING);
  const { model, baseUrl } = target;
  const passed = passedThrough(request, unsupported);
  const body: Json = {
    ...passed.body,
    ...toContents(request.messages, { model, unsupported }),
    ...toTools(request, unsupported),
    generationConfig: { ...passed.config, ...generationConfig(effortless(request, passed.config, unsupported), model, unsupported) },
  };
  if (passed.searches) body["tools"] = [...listOf(body["tools"]), { googleSearch: {} }];
  const method = streamed ? "streamGenerateContent?alt=sse" : "generateContent";
  return { request: { url: `${baseUrl}/${modelPath(model)}:${method}`, headers: credentials(target), body }, unsupported };
}

/** How hard to think can be said once: Gemini's own words count. Source: https://ai.google.dev/gemini-api/docs/openai */
function effortless(request: ChatRequest, config: Json, unsupported: string[]): ChatRequest {
  if (config["thinkingConfig"] === undefined || request.reasoningEffort === undefined) return request;
  unsupported.push("reasoning_effort");
  return { ...request, reasoningEffort: undefined };
}

/** In a header, since addresses are logged. */
export function credentials({ secret }: Target): Record<string, string> {
  return secret === "" ? {} : { "x-goog-api-key": secret };
}

interface Passed {
  readonly body: Json;
  readonly config: Json;
  /** Whether the client wants Google to be searched. */
  readonly searches: boolean;
}

/** What the client sent that OpenAI does not know is Gemini's, in the place that it has there; it is read in both of Google's spellings. */
function passedThrough(request: ChatRequest, unsupported: string[]): Passed {
  const { fields: own, stray } = ownFields(request);
  const { google, extra_body: extraBody, ...named } = own;
  const fields = { ...named, ...objectOf(objectOf(extraBody)["google"]), ...objectOf(google) };
  const body: Json = {};
  const config: Json = {};
  unsupported.push(...stray);
  for (const [name, value] of Object.entries(fields)) {
    const camel = toCamel(name);
    if (isRefused(camel, value)) unsupported.push(...(isIdle(name, value) ? [] : [name]));
    else if (camel === "generationConfig") Object.assign(config, configFields(name, objectOf(value), unsupported));
    else if (CONFIG.has(camel)) config[camel] = value;
    else body[NAMED.has(camel) ? camel : name] = value;
  }
  return { body, config, searches: searchesGoogle(request, unsupported) };
}

function searchesGoogle({ extra }: ChatRequest, unsupported: string[]): boolean {
  const raw = extra["web_search_options"];
  if (raw === undefined || raw === "null") return false;
  const options = objectOf(parseRaw(raw, "web_search_options"));
  unsupported.push(...Object.keys(options).map((name) => `web_search_options.${name}`));
  return true;
}

function configFields(path: string, fields: Json, unsupported: string[]): Json {
  const camel = Object.entries(fields).map(([name, value]) => [toCamel(name), value] as const);
  for (const [name, value] of camel) if (isRefused(name, value)) unsupported.push(`${path}.${name}`);
  return Object.fromEntries(camel.filter(([name, value]) => !isRefused(name, value)));
}

/** Images and sound are dearer than text: they are asked for by OpenAI's `modalities`, for which they are held. */
function isRefused(name: string, value: unknown): boolean {
  const asksForMedia = name === "responseModalities" && listOf(value).some((each) => String(each).toUpperCase() !== "TEXT");
  return asksForMedia || REFUSED.has(name);
}
