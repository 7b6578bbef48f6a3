import * as contract from "@alfred/contracts";
import { FieldMismatch, decimal, rawJson, text, type Field } from "./field.ts";
import { mediaUsage } from "./image.ts";
import { isObject } from "./json.ts";
import { object } from "./object.ts";

/** A voice by its name, or an object. */
const voice: Field<NonNullable<contract.SpeechRequest["voice"]>> = {
  read(json, strict) {
    if (typeof json === "string") return { $case: "voiceName", value: json };
    if (isObject(json)) return { $case: "voiceObject", value: rawJson.read(json, strict) };
    throw new FieldMismatch("a string or an object");
  },
  write: (value) => (value.$case === "voiceName" ? value.value : rawJson.write(value.value)),
};

/** The body of POST /v1/audio/speech. */
export const speechRequest = object(contract.SpeechRequest, {
  model: text,
  input: text,
  voice,
  instructions: text,
  responseFormat: text,
  speed: decimal,
  streamFormat: text,
});

/** An event of streamed speech, as a provider sends it. */
export interface SpeechEvent {
  /** "speech.audio.delta" or "speech.audio.done". */
  readonly type: string;
  readonly audio: Buffer;
  readonly usage: contract.MediaUsage | undefined;
}

/** Reads an event of a provider's speech. @throws FieldMismatch where it is none */
export function readSpeechEvent(json: unknown): SpeechEvent {
  if (!isObject(json)) throw new FieldMismatch("an object");
  const { type = "", audio = "", usage } = json;
  return {
    type: text.read(type, true),
    audio: Buffer.from(text.read(audio, true), "base64"),
    usage: isObject(usage) ? mediaUsage.read(usage, false) : undefined,
  };
}

/** Writes more of the sound as the event that tells it. */
export function writeSpeechDelta(audio: Uint8Array): Record<string, unknown> {
  return { type: "speech.audio.delta", audio: Buffer.from(audio).toString("base64") };
}

/** Writes the event that tells that there is no more. */
export function writeSpeechDone({ usage }: contract.SpeechDone): Record<string, unknown> {
  return { type: "speech.audio.done", ...(usage && { usage: mediaUsage.write(usage) }) };
}
