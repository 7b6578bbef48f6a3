import { Transcription, TranscriptionEvent, TranscriptionRequest, TranslationRequest } from "@alfred/contracts";
import { describe, expect, test } from "vitest";
import {
  readTranscription, readTranscriptionEvent, readTranscriptionRequest, readTranslationRequest, writeTranscription, writeTranscriptionEvent, writeTranscriptionRequest,
  writeTranslationRequest,
} from "./index.ts";

describe("transcriptions", () => {
  test.each([
    { language: "en", prompt: "p", response_format: "verbose_json", temperature: 0.5, timestamp_granularities: ["word", "segment"], keywords: ["k"], languages: ["de"] },
    { include: ["logprobs"], chunking_strategy: "auto", known_speaker_names: ["A"], known_speaker_references: ["data:audio/wav;base64,AA=="], unknown: { z: 1 } },
    { chunking_strategy: { type: "server_vad", threshold: 0.5 } },
  ])("are asked for as they were: %j", (fields) => {
    const { transcription, stream } = readTranscriptionRequest({ model: "m", stream: true, ...fields });
    const sent = TranscriptionRequest.decode(TranscriptionRequest.encode(transcription).finish());
    expect(writeTranscriptionRequest(sent, { model: "n", stream })).toEqual({ model: "n", stream: true, ...fields });
  });

  test.each([[{ model: "m", temperature: "hot" }, "temperature"], [{ language: "en" }, "model"], [{ model: "m", include: "logprobs" }, "include"], [{ model: "m", stream: "yes" }, "stream"]])("are refused for %j", (body, field) => {
    expect(() => readTranscriptionRequest(body)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", metadata: { field } }));
  });

  test("into English are asked for as they were", () => {
    const body = { model: "m", prompt: "p", response_format: "srt", temperature: 0, language: "de" };
    const sent = TranslationRequest.decode(TranslationRequest.encode(readTranslationRequest(body)).finish());
    expect(writeTranslationRequest(sent, sent)).toEqual(body);
    expect(() => readTranslationRequest({})).toThrow(expect.objectContaining({ metadata: { field: "model" } }));
  });

  test.each([
    { text: "Hello", usage: { type: "tokens", input_tokens: 14, output_tokens: 45, total_tokens: 59, input_token_details: { text_tokens: 0, audio_tokens: 14 } }, logprobs: [{ token: "H", logprob: -0.5 }] },
    { task: "transcribe", language: "english", duration: 8.47, text: "Hello", segments: [{ id: 0, start: 0, end: 3.3 }], words: [], usage: { type: "duration", seconds: 9 } },
  ])("come as they were: %j", (json) => {
    expect(writeTranscription(Transcription.decode(Transcription.encode(readTranscription(json)).finish()))).toEqual(json);
  });

  test("stream as they are", () => {
    const event = { type: "transcript.text.done", text: "Hello", logprobs: [], usage: { type: "tokens", input_tokens: 1, output_tokens: 1, total_tokens: 2 } };
    expect(writeTranscriptionEvent(TranscriptionEvent.decode(TranscriptionEvent.encode(readTranscriptionEvent(event)).finish()))).toEqual(event);
  });
});
