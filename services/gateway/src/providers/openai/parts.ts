import { type Json, objectOf, textOf } from "../loose-json.ts";

/** How APIs like OpenAI's say the parts of a message's content. */

export function asItIs(part: Json): Json {
  return part;
}

/** For an API that fetches nothing. Source: https://docs.ollama.com/api/openai-compatibility */
export function inlineImage(part: Json): Json | undefined {
  return textOf(objectOf(part["image_url"])["url"])?.startsWith("data:") === true ? part : undefined;
}

/** Sound as a string alone. Source: https://docs.mistral.ai/capabilities/audio_transcription */
export function bareAudio({ input_audio: audio }: Json): Json | undefined {
  const data = textOf(objectOf(audio)["data"]);
  return data === undefined ? undefined : { type: "input_audio", input_audio: data };
}

/** Sound of the one format that is taken. Source: https://docs.together.ai/reference/chat-completions-1 */
export function waveAudio(part: Json): Json | undefined {
  return objectOf(part["input_audio"])["format"] === "wav" ? part : undefined;
}

/** A file in place as an address; one by its id belongs to the operator's account. Source: https://docs.mistral.ai/capabilities/document_ai/document_qna */
export function documentUrl({ file }: Json): Json | undefined {
  const { file_data: data, filename } = objectOf(file);
  if (typeof data !== "string") return undefined;
  return { type: "document_url", document_url: data, ...(typeof filename === "string" ? { document_name: filename } : {}) };
}

/** A file in place as bare base64. Source: https://docs.perplexity.ai/guides/file-attachments */
export function fileUrl({ file }: Json): Json | undefined {
  const { file_data: data, filename } = objectOf(file);
  const marker = ";base64,";
  const at = typeof data === "string" ? data.indexOf(marker) : -1;
  if (typeof data !== "string" || at === -1) return undefined;
  return { type: "file_url", file_url: { url: data.slice(at + marker.length) }, ...(typeof filename === "string" ? { file_name: filename } : {}) };
}
