import type { ChatMessage, ContentPart } from "@alfred/contracts";
import { defined, type Json } from "../loose-json.ts";
import { besidePart } from "../part-fields.ts";

/**
 * A message's content: a string, or Cohere's blocks of it. Undefined where there is none.
 *
 * Source: https://docs.cohere.com/reference/chat
 *
 * @param path the message as the client names it, as "messages[2]"
 */
export function toContent({ content, role }: ChatMessage, path: string, unsupported: string[]): string | Json[] | undefined {
  if (content === undefined || content.$case === "text") return content?.value;
  return content.value.values.flatMap((part, index) => {
    const place = `${path}.content[${index}]`;
    const block = toBlock(part, role);
    if (block === undefined) unsupported.push(`${place}.${part.type}`);
    return block === undefined ? [] : [{ ...block, ...passedOn(part, place) }];
  });
}

/** Images are the user's to show; documents are results of tools. */
function toBlock(part: ContentPart, role: string): Json | undefined {
  if (part.type === "text") return { type: "text", text: part.text ?? "" };
  if (part.type === "refusal") return { type: "text", text: part.refusal ?? "" };
  if (part.type === "document" && role === "tool") return { type: "document" };
  if (part.type !== "image_url" || role !== "user" || part.imageUrl === undefined) return undefined;
  const { url, detail } = part.imageUrl;
  return { type: "image_url", image_url: defined({ url, detail }) };
}

/** Cohere has no cache to steer, and what it cited stands beside a message. */
function passedOn(part: ContentPart, path: string): Json {
  const { cache_control: _cache, citations: _cited, ...fields } = besidePart(part, path);
  return fields;
}
