import { SpeechRequest } from "@alfred/contracts";
import { describe, expect, test } from "vitest";
import { readSpeechEvent, readSpeechRequest, writeSpeechDelta, writeSpeechDone, writeSpeechRequest } from "./index.ts";

describe("speech", () => {
  test.each([
    { voice: "alloy", instructions: "Softly.", response_format: "wav", speed: 1.5, stream_format: "sse" },
    { voice: { id: "voice_1" }, unknown: { z: 1 }, speed: null },
  ])("is asked for as it was: %j", (fields) => {
    const sent = SpeechRequest.decode(SpeechRequest.encode(readSpeechRequest({ model: "m", input: "Hi", ...fields })).finish());
    expect(writeSpeechRequest(sent, { model: "n" })).toEqual({ model: "n", input: "Hi", ...fields });
  });

  test.each([[{ model: "m" }, "input"], [{ input: "x" }, "model"], [{ model: "m", input: "x", voice: 7 }, "voice"], [{ model: "m", input: "x", speed: "fast" }, "speed"]])("is refused for %j", (body, field) => {
    expect(() => readSpeechRequest(body)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", metadata: { field } }));
  });

  test("comes in events of bytes, and one of usage", () => {
    const delta = readSpeechEvent({ type: "speech.audio.delta", audio: "AQID" });
    expect([...delta.audio]).toEqual([1, 2, 3]);
    expect(writeSpeechDelta(delta.audio)).toEqual({ type: "speech.audio.delta", audio: "AQID" });
    const done = { type: "speech.audio.done", usage: { input_tokens: 1, output_tokens: 2, total_tokens: 3, more: null } };
    expect(writeSpeechDone(readSpeechEvent(done))).toEqual(done);
    expect(writeSpeechDone({ usage: undefined })).toEqual({ type: "speech.audio.done" });
  });
});
