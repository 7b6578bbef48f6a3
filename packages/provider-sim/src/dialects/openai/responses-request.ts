import { THINKING_ON_DEMAND, USUAL_THINKING_TOKENS } from "../../chat-ask.ts";
import type { ChatAsk, ResponseFormat, Thinking } from "../../chat-ask.ts";
import { invalidType, invalidValue, isObject, missing, optionalArray, optionalFlag, optionalNumber, optionalObject, optionalWhole, requiredString } from "../../json-fields.ts";
import type { JsonObject } from "../../json-fields.ts";
import { invalidRequest } from "../../sim-error.ts";
import { countSimTokens } from "../../tokens.ts";
import { readToolChoice } from "./chat-tools.ts";
import type { ResponseShelf, StoredResponse } from "./response-store.ts";
import { checkPairs, itemTokens, lastUserText, readItems } from "./responses-items.ts";

/** A request that the Responses API would accept. */
export interface ResponsesAsk extends ChatAsk {
  /** What the answer says again of the request. */
  readonly body: JsonObject;
  readonly includes: ReadonlySet<string>;
  /** Whether thoughts are summed up. */
  readonly tellsThoughts: boolean;
  readonly topLogprobs: number;
  /** The items of its own. */
  readonly input: readonly JsonObject[];
  /** All that the model reads: what was said before what is asked, too. */
  readonly items: readonly JsonObject[];
  /** Where the answer is kept; undefined where it is not. */
  readonly shelf: ResponseShelf | undefined;
}

/** Everything that may be asked for. Source: https://platform.openai.com/docs/api-reference/responses/create */
const FIELDS = new Set([
  "background", "context_management", "conversation", "include", "input", "instructions", "max_output_tokens", "max_tool_calls", "metadata", "model",
  "moderation", "parallel_tool_calls", "previous_response_id", "prompt", "prompt_cache_key", "prompt_cache_options", "prompt_cache_retention", "reasoning",
  "safety_identifier", "service_tier", "store", "stream", "stream_options", "temperature", "text", "tool_choice", "tools", "top_logprobs", "top_p", "truncation", "user",
]);
const INCLUDABLE = new Set([
  "file_search_call.results", "web_search_call.results", "web_search_call.action.sources", "message.input_image.image_url", "computer_call_output.output.image_url",
  "code_interpreter_call.outputs", "reasoning.encrypted_content", "message.output_text.logprobs",
]);

/**
 * Validates a body of POST /v1/responses; each thing that OpenAI refuses is a 400 naming the parameter.
 * @param shelf what is kept for who asks
 */
export function readResponsesRequest(body: JsonObject, shelf: ResponseShelf): ResponsesAsk {
  const unknown = Object.keys(body).find((name) => !FIELDS.has(name));
  if (unknown !== undefined) throw invalidRequest(`Unknown parameter: '${unknown}'.`, unknown, "unknown_parameter");
  const model = requiredString(body, "model");
  const input = readItems(body, (id) => shelf.item(id));
  const items = [...(previousOf(body, shelf)?.items ?? []), ...input];
  checkPairs(items, (id) => shelf.thoughtsBefore(id));
  checkKept(body);
  checkNumbers(body);
  return {
    model, body, input, items,
    shelf: optionalFlag(body, "store") === false ? undefined : shelf,
    stream: optionalFlag(body, "stream") ?? false,
    userText: lastUserText(items),
    userAsks: items.at(-1)?.["role"] === "user",
    promptTokens: countPrompt(body, items),
    maxTokens: optionalWhole(body, "max_output_tokens", 1, Number.MAX_SAFE_INTEGER) ?? Infinity,
    choices: 1,
    stop: [],
    toolChoice: readToolChoice(asChat(body)),
    parallelToolCalls: optionalFlag(body, "parallel_tool_calls") ?? true,
    responseFormat: readFormat(body, items),
    includes: readIncludes(body),
    topLogprobs: optionalWhole(body, "top_logprobs", 0, 20) ?? 0,
    ...readReasoning(body),
  };
}

function previousOf({ previous_response_id: id }: JsonObject, shelf: ResponseShelf): StoredResponse | undefined {
  if (id === undefined || id === null) return undefined;
  if (typeof id !== "string") throw invalidType("previous_response_id", "a string");
  const found = shelf.find(id);
  if (found === undefined) throw invalidRequest(`Previous response with id '${id}' not found.`, "previous_response_id", "previous_response_not_found");
  return found;
}

/** The simulator keeps responses, but no conversations and prompts, and answers at once. */
function checkKept({ background, conversation, prompt }: JsonObject): void {
  if (background === true) throw invalidRequest("Background mode is not simulated.", "background");
  if (isObject(conversation) || typeof conversation === "string") throw invalidRequest("Conversation not found.", "conversation");
  if (isObject(prompt)) throw invalidRequest("Prompt not found.", "prompt");
}

function checkNumbers(body: JsonObject): void {
  optionalNumber(body, "temperature", 0, 2);
  optionalNumber(body, "top_p", 0, 1);
  const { truncation } = body;
  if (truncation !== undefined && truncation !== null && truncation !== "auto" && truncation !== "disabled") throw invalidValue("truncation", "auto or disabled");
}

function countPrompt(body: JsonObject, items: readonly JsonObject[]): number {
  const { tools, instructions } = body;
  const declared = Array.isArray(tools) ? countSimTokens(JSON.stringify(tools)) : 0;
  const told = typeof instructions === "string" ? 3 + countSimTokens(instructions) : 0;
  return items.reduce((sum, item) => sum + itemTokens(item), declared + told);
}

function under(tool: unknown): unknown {
  if (!isObject(tool)) return tool;
  const { type, ...definition } = tool;
  return { type, [String(type)]: definition };
}

/** Tools and their choice as a chat has them, where names and definitions stand under the type. */
function asChat(body: JsonObject): JsonObject {
  const { tool_choice: choice } = body;
  const tools = optionalArray(body, "tools")?.map(under);
  if (!isObject(choice)) return { tools, tool_choice: choice };
  if (choice["type"] !== "allowed_tools") return { tools, tool_choice: under(choice) };
  return { tools, tool_choice: { type: "allowed_tools", allowed_tools: { mode: choice["mode"], tools: optionalArray(choice, "tools")?.map(under) } } };
}

function readIncludes(body: JsonObject): ReadonlySet<string> {
  const names = (optionalArray(body, "include") ?? []).map(String);
  for (const [index, name] of names.entries()) if (!INCLUDABLE.has(name)) throw invalidValue(`include[${index}]`, `one of ${[...INCLUDABLE].join(", ")}`);
  return new Set(names);
}

/** An effort turns thinking on, and `none` off. Source: https://platform.openai.com/docs/guides/reasoning */
function readReasoning(body: JsonObject): { thinking: Thinking; tellsThoughts: boolean } {
  const { effort, summary } = optionalObject(body, "reasoning") ?? {};
  const tellsThoughts = summary !== undefined && summary !== null;
  if (effort === "none") return { thinking: { usual: 0, most: 0 }, tellsThoughts };
  const isOn = effort !== undefined && effort !== null;
  return { thinking: isOn ? { usual: USUAL_THINKING_TOKENS, most: Infinity } : THINKING_ON_DEMAND, tellsThoughts };
}

function readFormat(body: JsonObject, items: readonly JsonObject[]): ResponseFormat {
  const format = optionalObject(optionalObject(body, "text") ?? {}, "format", "text.format");
  if (format === undefined || format["type"] === "text") return { type: "text" };
  if (format["type"] === "json_schema") {
    requiredString(format, "name", "text.format.name");
    const schema = optionalObject(format, "schema", "text.format.schema");
    if (schema === undefined) throw missing("text.format.schema");
    return { type: "json_schema", schema };
  }
  if (format["type"] !== "json_object") throw invalidValue("text.format.type", "text, json_object or json_schema");
  if (!/json/i.test(JSON.stringify([items, body["instructions"]]))) {
    throw invalidRequest("Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'.", "input");
  }
  return { type: "json_object" };
}
