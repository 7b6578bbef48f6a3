import type { ChatMessage, ContentPart } from "@alfred/contracts";
import type { Json } from "../loose-json.ts";
import { namesKeptFile } from "../operator-file.ts";
import { besidePart } from "../part-fields.ts";
import { mediaPart } from "./media.ts";
import { readCarried, signed } from "./signature.ts";

/** What a request's mapping needs to know besides the request. */
export interface Mapping {
  /** The model as Gemini names it. */
  readonly model: string;
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
    const place = `${path}.content[${index}]`;
    const mapped = known(part, place, mapping);
    const passed = passedOn(part, place);
    if (mapped !== undefined && !namesKeptFile(passed)) return [{ ...mapped, ...passed }];
    mapping.unsupported.push(part.type === "" ? place : `${place}.${part.type}`);
    return [];
  });
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
      return mediaPart(part.file?.fileData ?? part.file?.fileId ?? "");
    case "":
      return Object.keys(part.extra).length === 0 ? undefined : {};
    default:
      return undefined;
  }
}

function image({ imageUrl }: ContentPart, path: string, { unsupported }: Mapping): Json | undefined {
  const { url = "", detail = "auto" } = imageUrl ?? {};
  // How much of it is seen can be chosen for a whole request alone; unless chosen it is much.
  if (detail === "low") unsupported.push(`${path}.image_url.detail`);
  return mediaPart(url);
}

/** Gemini caches by itself, so that a mark to cache is followed without being said. */
function passedOn(part: ContentPart, path: string): Json {
  const { cache_control: _, ...fields } = besidePart(part, path);
  return signed(fields, readCarried(part.extra).signature);
}
