import { writeMessageBlock } from "@alfred/anthropic";
import { type BlockContent, type ContentPart, ContentPart as Part, type MessageBlock, MessageBlock as Block, type ResultContent } from "@alfred/contracts";
import { isObject } from "@alfred/openai";
import { type Json, parseRaw, textOf } from "../providers/loose-json.ts";

/** The blocks of a turn, plain text being one of them. */
export function blocksOf(content: BlockContent | undefined): readonly MessageBlock[] {
  const said = content?.content;
  if (said === undefined) return [];
  return said.$case === "blocks" ? said.value.values : [textBlock(said.value)];
}

/** The blocks of a result, likewise. */
export function blocksOfResult(content: ResultContent | undefined): readonly MessageBlock[] {
  const said = content?.content;
  if (said === undefined) return [];
  return said.$case === "blocks" ? said.value.values.map((block) => Block.create(block)) : [textBlock(said.value)];
}

/** A block of text. */
export function textBlock(text: string, extra: Record<string, string> = {}): MessageBlock {
  return { type: "text", text, content: undefined, extra };
}

/**
 * A block of a turn as a part of a message in OpenAI's form: text, an image, a file. A block that OpenAI has no part for,
 * as "search_result", is a part of that type with its fields beside it, which a provider takes or does not.
 *
 * Source: https://platform.claude.com/docs/en/api/messages/create
 */
export function toPart(block: MessageBlock, path: string): ContentPart {
  const { type, text, extra } = block;
  if (type === "text") return Part.create({ type, text: text ?? "", extra });
  const source = block.source === undefined ? {} : parseRaw(block.source, `${path}.source`);
  const known = isObject(source) ? mediaPart(type, source, extra) : undefined;
  return known ?? Part.create({ type, text, extra: besideText(block) });
}

function mediaPart(type: string, source: Json, extra: Record<string, string>): ContentPart | undefined {
  const [data, mediaType, url] = [textOf(source["data"]), textOf(source["media_type"]), textOf(source["url"])];
  const isInline = source["type"] === "base64" && data !== undefined && mediaType !== undefined;
  if (type === "image" && isInline) return imagePart(`data:${mediaType};base64,${data}`, extra);
  if (type === "image" && source["type"] === "url" && url !== undefined) return imagePart(url, extra);
  if (type === "document" && isInline) return filePart(`data:${mediaType};base64,${data}`, extra);
  // A document that is text is read as such everywhere.
  if (type === "document" && source["type"] === "text" && data !== undefined) return Part.create({ type: "text", text: titled(data, extra), extra: {} });
  return undefined;
}

function imagePart(url: string, extra: Record<string, string>): ContentPart {
  return Part.create({ type: "image_url", imageUrl: { url, extra: {} }, extra });
}

/** A file has a name at OpenAI, where a document here has a title. */
function filePart(fileData: string, { title = '"document.pdf"', ...extra }: Record<string, string>): ContentPart {
  const filename = textOf(parseRaw(title, "title")) ?? "document.pdf";
  return Part.create({ type: "file", file: { filename, fileData, extra: {} }, extra });
}

function titled(data: string, { title, context }: Record<string, string>): string {
  const heads = [title, context].flatMap((raw) => textOf(raw === undefined ? undefined : parseRaw(raw, "title")) ?? []);
  return [...heads, data].join("\n\n");
}

/** All that a block of no known kind says but its text, by the API's names. */
function besideText(block: MessageBlock): Record<string, string> {
  const { type: _type, text: _text, ...fields } = writeMessageBlock(block) as Json;
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, JSON.stringify(value)]));
}
