import { THINKING_ON_DEMAND, USUAL_THINKING_TOKENS } from "../../chat-ask.ts";
import type { ResponseFormat, Thinking } from "../../chat-ask.ts";
import { isArray, isObject, optionalFlag } from "../../json-fields.ts";
import type { JsonObject } from "../../json-fields.ts";
import { invalidRequest, SimError } from "../../sim-error.ts";
import { readChatRequest } from "../openai/chat-request.ts";
import type { CompatibleAsk, CompatibleRow } from "./row.ts";

/** The fields that have an effect with everybody. */
const COMMON = [
  "model", "messages", "stream", "max_tokens", "temperature", "top_p", "frequency_penalty", "presence_penalty", "tools", "tool_choice",
  "stop", "response_format",
] as const;

/** The common fields of a body, and those named beside them. */
export function commonFields(body: JsonObject, ...beside: readonly string[]): JsonObject {
  const fields = [...COMMON, ...beside].flatMap((name): [string, unknown][] => (name in body ? [[name, body[name]]] : []));
  return Object.fromEntries(fields);
}

/** A chat request as its provider takes it. @throws SimError for what it would refuse */
export function readCompatibleChat({ request }: CompatibleRow, body: JsonObject): CompatibleAsk {
  const read = request.read(body);
  try {
    return toAsk(request, read, body);
  } catch (error) {
    const { invalidStatus: status } = request;
    if (status === undefined || !(error instanceof SimError)) throw error;
    const { message, param, code } = error;
    throw new SimError(status, "request", { message, param, code });
  }
}

function toAsk({ thinks, wantsWordJson }: CompatibleRow["request"], read: JsonObject, body: JsonObject): CompatibleAsk {
  const { stop, response_format: format, stream_options: options, ...rest } = read;
  const ask = readChatRequest(rest);
  const asksUsage = isObject(options) && (optionalFlag(options, "include_usage") ?? false);
  return {
    ...ask,
    includeUsage: ask.stream && asksUsage,
    stop: (isArray(stop) ? stop : [stop]).filter((text) => typeof text === "string"),
    responseFormat: readFormat(format, wantsWordJson === true && !mentionsJson(body)),
    thinking: readThinking(body, thinks?.(body)),
    body,
  };
}

/** An effort of `none` turns thinking off, any other on; some have an object for it. */
function readThinking({ reasoning_effort: effort, reasoning }: JsonObject, thinks: boolean | undefined): Thinking {
  const options = isObject(reasoning) ? reasoning : {};
  const asked = effort ?? options["effort"];
  const isAsked = typeof asked === "string" ? asked !== "none" : options["enabled"];
  const isOn = isAsked ?? thinks;
  if (isOn === undefined) return THINKING_ON_DEMAND;
  return isOn === false ? { usual: 0, most: 0 } : { usual: USUAL_THINKING_TOKENS, most: Infinity };
}

function mentionsJson({ messages }: JsonObject): boolean {
  return /json/i.test(JSON.stringify(messages ?? ""));
}

function readFormat(format: unknown, lacksWord: boolean): ResponseFormat {
  if (!isObject(format)) return { type: "text" };
  if (format["type"] === "json_schema") {
    const definition = format["json_schema"];
    const schema = isObject(definition) ? definition["schema"] : undefined;
    if (!isObject(schema)) throw invalidRequest("'response_format.json_schema.schema' is missing.", "response_format");
    return { type: "json_schema", schema };
  }
  if (format["type"] !== "json_object") return { type: "text" };
  if (lacksWord) throw invalidRequest("The messages must have the word 'json' in them to use 'response_format' of type 'json_object'.", "messages");
  return { type: "json_object" };
}

/** The messages that are objects, with their places. */
export function messagesOf({ messages }: JsonObject): { readonly message: JsonObject; readonly index: number }[] {
  return (isArray(messages) ? messages : []).flatMap((message, index) => (isObject(message) ? [{ message, index }] : []));
}

/** The parts of a message's content; none where it is text. */
export function partsOf({ content }: JsonObject): readonly JsonObject[] {
  return isArray(content) ? content.filter(isObject) : [];
}
