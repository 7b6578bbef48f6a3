import type { ChatMessage, ContentPart } from "@alfred/contracts";
import { sentFields, type Json } from "../loose-json.ts";
import { mediaPart } from "./media.ts";

/** What a request's mapping needs to know besides the request. */
export interface Mapping {
  /** The model as Gemini names it. */
  readonly model: string;
  /** Where Gemini's API is: files that are named by their ids are below it. */
  readonly baseUrl: string;
  /** Collects what cannot be said, by the client's names. */
  readonly unsupported: string[];
}

/**
 * The parts of a message's content. Parts without a type are Gemini's own and pass.
 *
 * @param path the message as the client names it, as "messages[2]"
 */
export function toParts({ content }: ChatMessage, path: string, mapping: Mapping): Json[] {
  if (content === undefined) return [];
  if (content.$case === "text") return [{ text: content.value }];
  return content.value.values.flatMap((part, index) => {
    const mapped = toPart(part, `${path}.content[${index}]`, mapping);
    return mapped === undefined ? [] : [{ ...mapped, ...passedOn(part) }];
  });
}

function toPart(part: ContentPart, path: string, mapping: Mapping): Json | undefined {
  const mapped = known(part, path, mapping);
  if (mapped === undefined) mapping.unsupported.push(`${path}${part.type === "" ? "" : `.${part.type}`}`);
  return mapped;
}

function known(part: ContentPart, path: string, mapping: Mapping): Json | undefined {
  switch (part.type) {
    case "text":
      return { text: part.text ?? "" };
    case "refusal":
      return { text: part.refusal ?? "" };
    case "image_url":
      return image(part, path, mapping);
    case "input_audio":
      return part.inputAudio && { inlineData: { mimeType: `audio/${part.inputAudio.format}`, data: part.inputAudio.data } };
    case "file":
      return file(part, mapping);
    case "":
      return Object.keys(part.extra).length === 0 ? undefined : {};
    default:
      return undefined;
  }
}

function image({ imageUrl }: ContentPart, path: string, { unsupported }: Mapping): Json | undefined {
  const { url = "", detail = "auto" } = imageUrl ?? {};
  if (detail !== "auto") unsupported.push(`${path}.image_url.detail`);
  return mediaPart(url);
}

/** A file by its content, by its address, or by the id that Gemini's own file service gave it: "files/abc". */
function file({ file: sent }: ContentPart, { baseUrl }: Mapping): Json | undefined {
  if (sent?.fileData !== undefined) return mediaPart(sent.fileData);
  const id = sent?.fileId ?? "";
  return /^files\/[\w-]+$/.test(id) ? { fileData: { fileUri: `${baseUrl}/${id}` } } : mediaPart(id);
}

/** Gemini caches by itself, so that a mark to cache is followed without being said. */
function passedOn({ extra }: ContentPart): Json {
  const { cache_control: _, ...fields } = sentFields(extra);
  return fields;
}
