import { ContentPart as Part, type ContentPart, type ResponseContent, type ResponsePart } from "@alfred/contracts";
import { isObject } from "@alfred/openai";
import { objectOf, parseRaw, textOf } from "../providers/loose-json.ts";

/** The content of a message of a chat. */
type Said = { $case: "text"; value: string } | { $case: "parts"; value: { values: ContentPart[] } };

/** Parts that are text, whoever said it. */
const TEXTS = new Set(["input_text", "output_text", "text", "summary_text", "reasoning_text"]);

/** What was said as the content of a message of a chat. */
export function toContent(content: ResponseContent | undefined, path: string): Said {
  const said = content?.content;
  if (said === undefined) return { $case: "text", value: "" };
  if (said.$case === "text") return said;
  const values = said.value.values.map((part, index) => toPart(part, `${path}[${index}]`));
  // An earlier answer is told in one piece, as providers know it.
  const isSpoken = said.value.values.every(({ type }) => type === "output_text");
  return isSpoken ? { $case: "text", value: values.map(({ text }) => text ?? "").join("") } : { $case: "parts", value: { values } };
}

/** The text of a content, media left out. */
export function plainText(content: ResponseContent | undefined): string {
  const said = content?.content;
  if (said === undefined) return "";
  return said.$case === "text" ? said.value : said.value.values.map(({ text }) => text ?? "").join("");
}

/**
 * A part of an item as a part of a message: text, an image, a file, sound. A part that OpenAI's chats do not have is a part of
 * that type with its fields beside it, which a provider takes or does not.
 *
 * Source: https://platform.openai.com/docs/api-reference/responses/create
 */
function toPart(part: ResponsePart, path: string): ContentPart {
  const { type, text, refusal, imageUrl, detail, filename, fileData, fileUrl, extra } = part;
  if (TEXTS.has(type)) return Part.create({ type: "text", text: text ?? "", extra: beside(extra) });
  if (type === "refusal") return Part.create({ type, refusal: refusal ?? "", extra: beside(extra) });
  if (type === "input_image") return Part.create({ type: "image_url", imageUrl: { url: imageUrl ?? "", detail, extra: {} }, extra: beside(extra) });
  if (type === "input_file") {
    const address = fileUrl === undefined ? {} : { file_url: JSON.stringify(fileUrl) };
    return Part.create({ type: "file", file: { filename, fileData, extra: address }, extra: beside(extra) });
  }
  const sound = type === "input_audio" ? parseRaw(extra["input_audio"] ?? "null", `${path}.input_audio`) : undefined;
  if (isObject(sound)) return Part.create({ type, inputAudio: { data: textOf(sound["data"]) ?? "", format: textOf(sound["format"]) ?? "", extra: {} }, extra: {} });
  return Part.create({ type, text, extra });
}

/** What a part has of its own, but for what only says how an answer came about, or what to cache. */
const UNSAID = new Set(["annotations", "logprobs", "prompt_cache_breakpoint", "file_id", "file_url", "file_data", "filename", "image_url", "detail"]);

function beside(extra: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(extra).filter(([name, raw]) => !UNSAID.has(name) && raw !== "null"));
}

/** The fields of raw JSON that has to be an object. */
export function rawObject(raw: string | undefined, field: string): Record<string, unknown> {
  return objectOf(raw === undefined ? undefined : parseRaw(raw, field));
}
