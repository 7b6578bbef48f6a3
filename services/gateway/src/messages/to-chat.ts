import { ChatMessage, ChatRequest, type MessageRequest, ResponseFormat } from "@alfred/contracts";
import { isObject } from "@alfred/openai";
import type { AsChat } from "../domain/as-chat.ts";
import { type Json, objectOf, parseRaw, textOf } from "../providers/loose-json.ts";
import { blocksOf, toPart } from "./content.ts";
import { toTool, toToolChoice } from "./tools.ts";
import { type Place, type Placed, toMessages } from "./turns.ts";

/** Fields of the API's beside the typed ones that a chat has a place for, or without which the answer is the same. */
const MAPPED = new Set(["metadata", "output_config", "output_format", "cache_control"]);

/**
 * Reads a conversation as a chat. `max_tokens` keeps its name; how a provider calls it is its dialect's business.
 *
 * Source: https://platform.claude.com/docs/en/api/messages/create
 * @throws AlfredError INVALID_ARGUMENT
 */
export function toChat(request: MessageRequest): AsChat<Place> {
  const placed: Placed[] = [...systemMessage(request), ...request.messages.flatMap((turn, index) => toMessages(turn, `messages[${index}]`))];
  const config = outputConfig(request);
  const chat = ChatRequest.create({
    model: request.model,
    messages: placed.map(({ message }) => message),
    maxTokens: request.maxTokens,
    temperature: request.temperature,
    topP: request.topP,
    stop: request.stopSequences.length === 0 ? undefined : { $case: "stopList", value: { values: request.stopSequences } },
    tools: request.tools.map(toTool),
    toolChoice: toToolChoice(request),
    parallelToolCalls: request.toolChoice?.disableParallelToolUse === true ? false : undefined,
    reasoningEffort: effortOf(request, config),
    responseFormat: formatOf(config),
    user: textOf(objectOf(sent(request, "metadata"))["user_id"]),
  });
  return { chat, places: placed.map(({ place }) => place), unsupported: leftOver(request, config) };
}

function systemMessage({ system }: MessageRequest): Placed[] {
  if (system?.content === undefined) return [];
  if (system.content.$case === "text") return [{ place: { path: "system", first: 0 }, message: ChatMessage.create({ role: "system", content: system.content }) }];
  const values = blocksOf(system).map((block, index) => toPart(block, `system[${index}]`));
  if (values.length === 0) return [];
  return [{ place: { path: "system", first: 0 }, message: ChatMessage.create({ role: "system", content: { $case: "parts", value: { values } } }) }];
}

function leftOver({ extra, topK, serviceTier }: MessageRequest, { format, effort: _effort, ...config }: Json): string[] {
  const isKnownForm = format === undefined || format === null || (isObject(format) && format["type"] === "json_schema");
  return [
    ...(topK === undefined ? [] : ["top_k"]),
    ...(serviceTier === undefined || serviceTier === "auto" ? [] : ["service_tier"]),
    ...(isKnownForm ? [] : ["output_config.format"]),
    ...Object.keys(config).map((name) => `output_config.${name}`),
    ...Object.entries(extra).flatMap(([name, raw]) => (MAPPED.has(name) || raw === "null" ? [] : [name])),
  ];
}

/** `output_format` is the older name of a part of `output_config`. */
function outputConfig(request: MessageRequest): Json {
  const config = objectOf(sent(request, "output_config"));
  const older = sent(request, "output_format");
  return older === undefined ? config : { format: older, ...config };
}

function formatOf({ format }: Json): ResponseFormat | undefined {
  if (!isObject(format) || format["type"] !== "json_schema") return undefined;
  const schema = JSON.stringify(format["schema"] ?? {});
  return ResponseFormat.create({ type: "json_schema", jsonSchema: { name: "answer", schema, strict: true, extra: {} } });
}

/** From this many tokens to think with on, an effort is what it is called; below the first, it is "low". */
const EFFORTS = [[16_384, "high"], [4_096, "medium"]] as const;

/** How hard to think: as it is said, else by the share that thoughts may take. */
function effortOf({ thinking }: MessageRequest, { effort }: Json): string | undefined {
  const said = textOf(effort);
  if (said !== undefined) return said;
  if (thinking?.type === "adaptive") return "medium";
  if (thinking?.type !== "enabled") return undefined;
  const budget = thinking.budgetTokens ?? 0;
  return EFFORTS.find(([least]) => budget >= least)?.[1] ?? "low";
}

function sent({ extra }: MessageRequest, name: string): unknown {
  const raw = extra[name];
  return raw === undefined ? undefined : parseRaw(raw, name);
}
