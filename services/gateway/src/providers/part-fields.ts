import { ContentPart } from "@alfred/contracts";
import { CARRIED } from "./carried.ts";
import { besideFields, typedNames, type Json } from "./loose-json.ts";

const PART_FIELDS = typedNames(ContentPart);

/** Fields of a whole message: OpenAI's Agents SDK, for one, sends them back beside the parts of an earlier answer. */
const OF_MESSAGES = new Set(["role", "refusal", "annotations", "audio", "function_call", "tool_calls", "images", "reasoning", "reasoning_content", "thinking_blocks", "content_blocks", "tool_plan", CARRIED]);

/**
 * What a client sent beside the known fields of a part, for a provider whose own it may be.
 *
 * @param path the part as the client names it, as "messages[2].content[0]"
 * @throws AlfredError INVALID_ARGUMENT
 */
export function besidePart({ extra }: ContentPart, path: string): Json {
  const fields = Object.entries(besideFields(extra, PART_FIELDS, path));
  return Object.fromEntries(fields.filter(([name]) => !OF_MESSAGES.has(name)));
}
