import type { ChatMessage } from "@alfred/contracts";
import { isObject, parseJson } from "@alfred/openai";
import { defined, type Json } from "../loose-json.ts";
import { ERROR_MARK } from "../tool-error.ts";
import { ownCallId } from "./call-id.ts";
import { toParts, type Mapping } from "./parts.ts";

/**
 * The result of a function as a part. It names the function, which a client names only by the call that it answers.
 *
 * Source: https://ai.google.dev/api/caching#FunctionResponse
 *
 * @param functions the names of the functions by the ids of their calls
 */
export function toolResult(
  message: ChatMessage,
  path: string,
  functions: ReadonlyMap<string, string>,
  mapping: Mapping,
): Json | undefined {
  const name = functions.get(message.toolCallId ?? "") ?? message.name;
  if (name === undefined) {
    mapping.unsupported.push(`${path}.tool_call_id`);
    return undefined;
  }
  const said = toParts(message, path, mapping);
  const media = said.filter(({ text }) => text === undefined);
  const text = said.flatMap((part) => (typeof part["text"] === "string" ? [part["text"]] : [])).join("");
  const parts = media.length === 0 ? undefined : media;
  return { functionResponse: defined({ id: ownCallId(message.toolCallId), name, response: message.extra[ERROR_MARK] === "true" ? { error: text } : toResponse(text), parts }) };
}

/** A result is an object here; anything else is put into one by the name that Gemini documents. */
function toResponse(text: string): Json {
  try {
    const json = parseJson(text);
    return isObject(json) ? json : { output: json };
  } catch (error) {
    if (error instanceof SyntaxError) return { output: text };
    throw error;
  }
}
