import { type ContentPart, InputFile } from "@alfred/contracts";
import { type Json, besideFields, typedNames } from "../loose-json.ts";
import { namesKeptFile } from "../operator-file.ts";
import { besidePart } from "../part-fields.ts";
import type { Draft } from "./draft.ts";

/** What the API reads as an image. Source: https://platform.claude.com/docs/en/build-with-claude/vision */
const IMAGE_TYPES = new Set(["image/jpeg", "image/png", "image/gif", "image/webp"]);

/**
 * A part of a message as a content block: text, an image or a document by URL or in base64. A part of a type that OpenAI
 * does not have is taken for a block already, as "document" or "search_result". Undefined where it has no counterpart, or
 * says nothing.
 */
export function partBlock(part: ContentPart, path: string, draft: Draft): Json | undefined {
  switch (part.type) {
    case "text":
      return withExtra(textBlock(part.text), part, path, draft);
    case "refusal":
      return withExtra(textBlock(part.refusal), part, path, draft);
    case "image_url":
      return withExtra(imageBlock(part, path, draft), part, path, draft);
    case "file":
      return withExtra(part.file && fileBlock(part.file, path, draft), part, path, draft);
    case "input_audio":
      draft.lacks(`${path}.input_audio`);
      return undefined;
    default:
      return withExtra({ type: part.type, ...(part.text === undefined ? {} : { text: part.text }) }, part, path, draft);
  }
}

/** A block of text; the API refuses empty ones. */
export function textBlock(text: string | undefined): Json | undefined {
  return text === undefined || text === "" ? undefined : { type: "text", text };
}

const FILE_FIELDS = typedNames(InputFile);

/** What stands beside a part belongs to its block: `cache_control`, a document's `citations`, `title`, `context`. */
function withExtra(block: Json | undefined, part: ContentPart, path: string, draft: Draft): Json | undefined {
  const whole = block && { ...besidePart(part, path), ...block };
  if (whole === undefined || !namesKeptFile(whole)) return whole;
  draft.lacks(path);
  return undefined;
}

function imageBlock({ imageUrl }: ContentPart, path: string, draft: Draft): Json | undefined {
  const url = imageUrl?.url ?? "";
  // Images are seen as "high" has it anyway.
  if (imageUrl?.detail === "low") draft.lacks(`${path}.image_url.detail`);
  if (!url.startsWith("data:")) return { type: "image", source: { type: "url", url } };
  const source = imageSource(parseDataUrl(url));
  if (source === undefined) draft.lacks(`${path}.image_url`);
  return source && { type: "image", source };
}

function imageSource(data: DataUrl | undefined): Json | undefined {
  const type = data?.mediaType === "image/jpg" ? "image/jpeg" : data?.mediaType;
  if (data === undefined || type === undefined || !data.isBase64 || !IMAGE_TYPES.has(type)) return undefined;
  return { type: "base64", media_type: type, data: data.data };
}

function fileBlock(file: InputFile, path: string, draft: Draft): Json | undefined {
  const data = file.fileData === undefined ? undefined : parseDataUrl(file.fileData);
  const image = imageSource(data);
  if (image !== undefined) return { type: "image", source: image };
  const source = data && documentSource(data);
  if (source === undefined) {
    draft.lacks(`${path}.file.${file.fileId === undefined ? "file_data" : "file_id"}`);
    return undefined;
  }
  return { ...besideFields(file.extra, FILE_FIELDS, `${path}.file`), type: "document", source, ...(file.filename === undefined ? {} : { title: file.filename }) };
}

/** Source: https://platform.claude.com/docs/en/build-with-claude/pdf-support */
function documentSource({ mediaType, isBase64, data }: DataUrl): Json | undefined {
  if (mediaType === "application/pdf") return isBase64 ? { type: "base64", media_type: mediaType, data } : undefined;
  if (!mediaType.startsWith("text/")) return undefined;
  const text = isBase64 ? Buffer.from(data, "base64").toString("utf8") : decodeText(data);
  return text === undefined ? undefined : { type: "text", media_type: "text/plain", data: text };
}

function decodeText(data: string): string | undefined {
  try {
    return decodeURIComponent(data);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

interface DataUrl {
  readonly mediaType: string;
  readonly isBase64: boolean;
  readonly data: string;
}

/** Without an expression, since the data may be many megabytes. Undefined where it is none. */
function parseDataUrl(url: string): DataUrl | undefined {
  const comma = url.indexOf(",");
  if (!url.startsWith("data:") || comma === -1) return undefined;
  const [mediaType = "", ...parameters] = url.slice("data:".length, comma).toLowerCase().split(";");
  return { mediaType, isBase64: parameters.includes("base64"), data: url.slice(comma + 1) };
}
