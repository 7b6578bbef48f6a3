import { isObject } from "@alfred/openai";
import { imageBound } from "./image-bound.ts";

/** A chat as it is sent to a provider, looked at for what its tokens can be. */
export interface Prompt {
  /** Bytes of UTF-8 of the whole body, media in base64 taken out. */
  readonly textBytes: number;
  /** What images and sound can take at most, in tokens. */
  readonly mediaTokens: number;
  /** Whether it names content whose size cannot be seen here, as a file by its id. */
  readonly unbounded: boolean;
  /** Meters of input that it can count on besides those of text. */
  readonly meters: readonly string[];
}

/**
 * Base64 characters of sound per token. OpenAI counts ten tokens a second, Gemini 32; the slowest MP3, 8 kbit/s, takes
 * 1,333 characters a second, so one token per 32 characters is above both.
 * Sources: https://platform.openai.com/docs/guides/audio, https://ai.google.dev/gemini-api/docs/audio
 */
const AUDIO_CHARACTERS_PER_TOKEN = 32;

const AUDIO_METERS = ["input_audio_tokens", "cache_audio_read_tokens"];
const IMAGE_METERS = ["input_image_tokens", "cache_image_read_tokens"];

/** Endings of addresses that lead to images. */
const IMAGE_ADDRESS = /\.(?:png|jpe?g|webp|gif|heic|heif)(?:[?#]|$)/i;

/**
 * Looks at a chat body, of `bytes` bytes of UTF-8, as it is sent for `model` as the provider names it.
 * @param takesAnyFile whether the provider takes what is no image, as sound and films, where an image is due
 */
export function examinePrompt(body: Readonly<Record<string, unknown>>, bytes: number, model: string, takesAnyFile: boolean): Prompt {
  const draft: Draft = { model, takesAnyFile, textBytes: bytes, mediaTokens: 0, unbounded: false, images: 0, sounds: 0 };
  const messages: unknown = body["messages"];
  if (Array.isArray(messages)) for (const message of messages) examineMessage(message, draft);
  const meters = [...(draft.images > 0 ? IMAGE_METERS : []), ...(draft.sounds > 0 ? AUDIO_METERS : [])];
  return { textBytes: draft.textBytes, mediaTokens: draft.mediaTokens, unbounded: draft.unbounded, meters };
}

interface Draft {
  readonly model: string;
  readonly takesAnyFile: boolean;
  textBytes: number;
  mediaTokens: number;
  unbounded: boolean;
  images: number;
  sounds: number;
}

function examineMessage(message: unknown, draft: Draft): void {
  if (!isObject(message)) return;
  const { content, audio } = message;
  // An earlier answer in sound is named by its id, which says nothing of its length.
  if (isObject(audio)) sound(draft, "");
  if (isObject(audio)) draft.unbounded = true;
  if (Array.isArray(content)) for (const part of content) examinePart(part, draft);
}

function examinePart(part: unknown, draft: Draft): void {
  if (typeof part === "string" || !isObject(part)) return;
  const { type } = part;
  if (type === "text" || type === "refusal") return;
  if (type === "image_url" && isObject(part["image_url"])) return image(draft, part["image_url"]["url"]);
  if (type === "input_audio" && isObject(part["input_audio"])) return sound(draft, part["input_audio"]["data"]);
  file(draft);
}

/** A file can be much text packed small, and what else there is cannot be judged at all. */
function file(draft: Draft): void {
  draft.unbounded = true;
  if (!draft.takesAnyFile) return;
  draft.images += 1;
  draft.sounds += 1;
}

function image(draft: Draft, url: unknown): void {
  if (draft.takesAnyFile && !isImage(url)) return file(draft);
  draft.images += 1;
  draft.mediaTokens += imageBound(draft.model);
  if (typeof url === "string" && url.startsWith("data:")) draft.textBytes -= url.length;
}

function isImage(url: unknown): boolean {
  return typeof url === "string" && (url.startsWith("data:") ? url.startsWith("data:image/") : IMAGE_ADDRESS.test(url));
}

function sound(draft: Draft, data: unknown): void {
  draft.sounds += 1;
  if (typeof data !== "string" || !/^[A-Za-z0-9+/=]*$/.test(data)) return;
  draft.textBytes -= data.length;
  draft.mediaTokens += Math.ceil(data.length / AUDIO_CHARACTERS_PER_TOKEN);
}
