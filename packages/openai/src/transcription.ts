import * as contract from "@alfred/contracts";
import { decimal, list, rawJson, text } from "./field.ts";
import { mediaUsage } from "./image.ts";
import { object } from "./object.ts";
import { receipt } from "./receipt.ts";

/** The form of POST /v1/audio/transcriptions, but for `file` and `stream`. */
export const transcriptionRequest = object(contract.TranscriptionRequest, {
  model: text,
  language: text,
  prompt: text,
  responseFormat: text,
  temperature: decimal,
  timestampGranularities: list(text),
  include: list(text),
  chunkingStrategy: rawJson,
  knownSpeakerNames: list(text),
  knownSpeakerReferences: list(text),
  languages: list(text),
  keywords: list(text),
});

/** The form of POST /v1/audio/translations, but for `file`. */
export const translationRequest = object(contract.TranslationRequest, { model: text, prompt: text, responseFormat: text, temperature: decimal });

/** What was heard. */
export const transcription = object(contract.Transcription, { text, task: text, language: text, duration: decimal, usage: mediaUsage });

/** An event of what is heard. */
export const transcriptionEvent = object(contract.TranscriptionEvent, { type: text, delta: text, text, usage: mediaUsage, alfred: receipt });
