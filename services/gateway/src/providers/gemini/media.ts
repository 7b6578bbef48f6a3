import type { Json } from "../loose-json.ts";
import { isPublic } from "../operator-file.ts";

/** What a data URL holds. */
interface InlineData {
  readonly mimeType: string;
  /** In base64. */
  readonly data: string;
}

/**
 * Types by the ending of an address, for those that a prompt may hold.
 *
 * Source: https://ai.google.dev/gemini-api/docs/file-input-methods
 */
const TYPES: ReadonlyMap<string, string> = new Map([
  ["png", "image/png"], ["jpg", "image/jpeg"], ["jpeg", "image/jpeg"], ["webp", "image/webp"], ["gif", "image/gif"],
  ["heic", "image/heic"], ["heif", "image/heif"], ["pdf", "application/pdf"], ["txt", "text/plain"], ["html", "text/html"],
  ["csv", "text/csv"], ["json", "application/json"], ["mp3", "audio/mp3"], ["wav", "audio/wav"], ["ogg", "audio/ogg"],
  ["flac", "audio/flac"], ["aac", "audio/aac"], ["mp4", "video/mp4"], ["mov", "video/mov"], ["webm", "video/webm"],
]);

/**
 * A part with the content of a data URL, or with the address of what the provider is to fetch; undefined for neither.
 * Files at Google itself are of the operator's account, so that a client's address names nothing of its own.
 */
export function mediaPart(url: string): Json | undefined {
  if (url.startsWith("data:")) {
    const inlineData = readDataUrl(url);
    return inlineData === undefined ? undefined : { inlineData };
  }
  if (!isPublic(url)) return undefined;
  const ending = /\.(\w+)(?:[?#]|$)/.exec(url.slice(url.lastIndexOf("/")))?.[1]?.toLowerCase() ?? "";
  const mimeType = TYPES.get(ending);
  return { fileData: mimeType === undefined ? { fileUri: url } : { mimeType, fileUri: url } };
}

function readDataUrl(url: string): InlineData | undefined {
  const comma = url.indexOf(",");
  if (comma === -1) return undefined;
  const [mimeType, ...parameters] = url.slice("data:".length, comma).split(";");
  const content = url.slice(comma + 1);
  const data = parameters.includes("base64") ? content : encodeText(content);
  return data === undefined ? undefined : { mimeType: mimeType || "text/plain", data };
}

function encodeText(escaped: string): string | undefined {
  try {
    return Buffer.from(decodeURIComponent(escaped)).toString("base64");
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
