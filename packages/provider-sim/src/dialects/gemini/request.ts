import type { ChatAsk, ResponseFormat } from "../../chat-ask.ts";
import type { Call } from "../../dialect.ts";
import { isObject } from "../../json-fields.ts";
import type { JsonObject } from "../../json-fields.ts";
import { camelCased } from "./camel.ts";
import { isResponse, readContents, userText } from "./contents.ts";
import type { Content } from "./contents.ts";
import { refused } from "./errors.ts";
import { modelRules } from "./model-rules.ts";
import type { ModelRules } from "./model-rules.ts";
import { countPrompt, sumOf } from "./prompt.ts";
import type { PromptTokens } from "./prompt.ts";
import { GENERATE_BODY } from "./request-shape.ts";
import { lowerTypes } from "./schema.ts";
import { SHAPE_WORDS } from "./shape-words.ts";
import { checkSignatures } from "./signature.ts";
import { readThinking } from "./thinking.ts";
import type { ThinkingPlan } from "./thinking.ts";
import { readTools } from "./tools.ts";

/** A request that `generateContent` would accept. */
export interface GenerateAsk extends ChatAsk {
  readonly thinking: ThinkingPlan;
  readonly rules: ModelRules;
  readonly promptByModality: PromptTokens;
  /** Alternatives told with each token; undefined where no log probabilities are. */
  readonly logprobs: number | undefined;
}

/** Validates a body of `generateContent`. @throws SimError for what the API would refuse */
export function readGenerateRequest({ body: text }: Call, model: string, stream: boolean): GenerateAsk {
  const body = parseProto(text);
  GENERATE_BODY(body, [], SHAPE_WORDS);
  const rules = modelRules(model);
  const contents = readContents(body);
  checkSignatures(contents, rules.wantsSignatures);
  const config = isObject(body["generationConfig"]) ? body["generationConfig"] : {};
  const toolChoice = readTools(body);
  checkFormat(config, toolChoice.tools.length > 0, rules);
  const promptByModality = countPrompt(body, contents);
  return {
    model,
    stream,
    userText: userText(contents),
    userAsks: isAsking(contents.at(-1)),
    promptTokens: sumOf(promptByModality),
    promptByModality,
    maxTokens: Number(config["maxOutputTokens"] ?? Infinity),
    choices: Number(config["candidateCount"] ?? 1),
    stop: (config["stopSequences"] ?? []) as readonly string[],
    toolChoice,
    parallelToolCalls: true,
    responseFormat: readFormat(config),
    thinking: readThinking(config, model, rules),
    rules,
    logprobs: readLogprobs(config),
  };
}

/** A body as a message of protocol buffers, in camel case. @throws SimError */
export function parseProto(text: string): JsonObject {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    throw refused(`Invalid JSON payload received. ${error instanceof Error ? error.message : "Unreadable."}`);
  }
  const message = camelCased(body);
  if (!isObject(message)) throw refused("Invalid JSON payload received. Root element must be a message.");
  return message;
}

function isAsking(last: Content | undefined): boolean {
  return last?.role === "user" && !isResponse(last);
}

function readLogprobs({ responseLogprobs, logprobs }: JsonObject): number | undefined {
  if (logprobs !== undefined && responseLogprobs !== true) throw refused("logprobs can only be set if responseLogprobs is true");
  return responseLogprobs === true ? Number(logprobs ?? 0) : undefined;
}

function checkFormat({ responseMimeType: type, responseSchema, responseJsonSchema }: JsonObject, hasTools: boolean, rules: ModelRules): void {
  if (responseSchema !== undefined && responseJsonSchema !== undefined) {
    throw refused("* GenerateContentRequest.generation_config: response_schema and response_json_schema are mutually exclusive\n");
  }
  const hasSchema = responseSchema !== undefined || responseJsonSchema !== undefined;
  const isStructured = type === "application/json" || type === "text/x.enum";
  if (hasSchema && !isStructured) throw refused("A response schema is only supported with response mime type 'application/json' or 'text/x.enum'.");
  if (hasTools && type === "application/json" && !rules.takesJsonBesideTools) {
    throw refused("Function calling with a response mime type: 'application/json' is unsupported");
  }
}

function readFormat({ responseMimeType: type, responseSchema, responseJsonSchema }: JsonObject): ResponseFormat {
  if (type !== "application/json") return { type: "text" };
  if (isObject(responseSchema)) return { type: "json_schema", schema: lowerTypes(responseSchema) };
  return isObject(responseJsonSchema) ? { type: "json_schema", schema: responseJsonSchema } : { type: "json_object" };
}
