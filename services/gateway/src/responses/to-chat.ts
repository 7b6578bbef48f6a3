import { ChatMessage, ChatRequest, type ResponseRequest, ResponseFormat } from "@alfred/contracts";
import type { AsChat } from "../domain/as-chat.ts";
import { isBlank, textOf } from "../providers/loose-json.ts";
import { rawObject } from "./content.ts";
import { itemsOf } from "./kept.ts";
import { toTool, toToolChoice, unsaidOfTools } from "./tools.ts";
import { type Place, type Placed, isUnknown, toMessages } from "./turns.ts";

/** Fields beside the typed ones that change no answer, or that are this gateway's own. `max_tool_calls` counts calls of the provider's own tools. */
const SILENT = new Set(["drop_unsupported", "stream_options", "max_tool_calls", "prompt_cache_retention", "prompt_cache_options"]);

/**
 * Reads a request as a chat. `max_output_tokens` is `max_tokens`; how a provider calls it is its dialect's business.
 *
 * Source: https://platform.openai.com/docs/guides/migrate-to-responses
 * @param carries whether what came with earlier answers goes back to whom it came from
 * @throws AlfredError INVALID_ARGUMENT
 */
export function toChat(request: ResponseRequest, carries: boolean): AsChat<Place> {
  const placed = [...instructions(request), ...asked(request, carries)];
  const { topLogprobs, include } = request;
  const logprobs = topLogprobs !== undefined || include.includes("message.output_text.logprobs");
  const chat = ChatRequest.create({
    model: request.model,
    messages: placed.map(({ message }) => message),
    maxTokens: request.maxOutputTokens,
    temperature: request.temperature,
    topP: request.topP,
    logprobs: logprobs ? true : undefined,
    topLogprobs,
    tools: request.tools.map(toTool),
    toolChoice: toToolChoice(request),
    parallelToolCalls: request.parallelToolCalls,
    reasoningEffort: request.reasoning?.effort,
    responseFormat: formatOf(request),
    verbosity: request.text?.verbosity,
    serviceTier: request.serviceTier,
    metadata: request.metadata,
    user: request.user,
    safetyIdentifier: request.safetyIdentifier,
    promptCacheKey: request.promptCacheKey,
  });
  return { chat, places: placed, unsupported: leftOver(request, chat) };
}

function instructions({ instructions: text }: ResponseRequest): Placed[] {
  if (text === undefined || text === "") return [];
  return [{ path: "instructions", message: ChatMessage.create({ role: "system", content: { $case: "text", value: text } }) }];
}

function asked(request: ResponseRequest, carries: boolean): Placed[] {
  const input = request.input?.input;
  if (input?.$case !== "text") return toMessages(itemsOf(request), carries);
  return [{ path: "input", message: ChatMessage.create({ role: "user", content: input }) }];
}

function leftOver(request: ResponseRequest, { toolChoice }: ChatRequest): string[] {
  const { extra, truncation } = request;
  const names = Object.entries(extra).flatMap(([name, raw]) => (SILENT.has(name) || isBlank(raw) ? [] : [name]));
  const unsaid = [...(truncation === "auto" ? ["truncation"] : []), ...(request.toolChoice !== undefined && toolChoice === undefined ? ["tool_choice"] : [])];
  const items = itemsOf(request).flatMap((item, index) => (isUnknown(item) ? [`input[${index}]`] : []));
  return [...names, ...unsaid, ...unsaidOfTools(request), ...items];
}

/** The fields of a schema stand beside its type, and below it in a chat. */
function formatOf({ text }: ResponseRequest): ResponseFormat | undefined {
  if (text?.format === undefined) return undefined;
  const { type, name, description, schema, strict } = rawObject(text.format, "text.format");
  const kind = textOf(type) ?? "text";
  if (kind !== "json_schema") return kind === "text" ? undefined : ResponseFormat.create({ type: kind });
  return ResponseFormat.create({
    type: kind,
    jsonSchema: {
      name: textOf(name) ?? "answer",
      description: textOf(description),
      schema: JSON.stringify(schema ?? {}),
      strict: typeof strict === "boolean" ? strict : undefined,
      extra: {},
    },
  });
}
