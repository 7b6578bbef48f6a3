import { describe, expect, test } from "vitest";
import type { Running } from "./asked.ts";
import { costOf } from "./charge.ts";
import { type Answer, caseOf, type Question, question } from "./python-program.ts";

/** Who writes down what is said. */
const HEARING = [
  { id: "openai", model: "openai/gpt-4o-transcribe" },
  { id: "azure", model: "azure/gpt-4o-mini-transcribe" },
  { id: "groq", model: "groq/whisper-large-v3-turbo" },
  { id: "mistral", model: "mistral/voxtral-mini-latest" },
] as const;
const LIMITED = HEARING.filter(({ id }) => id === "groq" || id === "mistral");
const WHISPER = [{ id: "openai", model: "openai/whisper-1" }, { id: "groq", model: "groq/whisper-large-v3" }] as const;

const DRAWING = { id: "openai", model: "openai/gpt-image-1.5" } as const;

/** What the client for Python sends files for. */
export function fileQuestions(): Question[] {
  return [
    ...HEARING.flatMap((provider) => [question("files.transcription", provider), question("files.transcription_streamed", provider)]),
    ...LIMITED.map((provider) => question("files.transcription_refused", provider)),
    ...WHISPER.map((provider) => question("files.translation", provider)),
    question("files.subtitles", WHISPER[0]),
    question("files.image_edit", DRAWING),
  ];
}

/** @param answer what was answered to a question about a provider */
export function files(running: () => Running, answer: (ask: string, id: string) => Answer): void {
  test.each(HEARING.flatMap(({ id }) => [["files.transcription", id], ["files.transcription_streamed", id]] as const))("%s of %s is answered, and costs what it says", async (ask, id) => {
    const { text, cost } = answer(ask, id) as unknown as { text: string; cost: string };
    expect(text).toBe("I heard 2 seconds of sound.");
    const [record] = await running().records.of(caseOf(ask, id));
    expect(record).toMatchObject({ operation: "transcription", outcome: "ATTEMPT_OUTCOME_ANSWERED" });
    expect(record && Number(costOf(record))).toBe(Math.round(Number(cost) * 1e9));
  });

  describe.each(LIMITED)("transcriptions of $id", ({ id }) => {
    test("are refused for what it does not know", () => {
      expect(answer("files.transcription_refused", id)).toMatchObject({ type: "BadRequestError", code: "feature_unsupported", param: "include" });
    });
  });

  test("images are made of images", () => {
    expect(answer("files.image_edit", DRAWING.id)).toMatchObject({ images: 1, input: 391, output: 272 });
  });

  test("sound is translated, and made subtitles of", () => {
    for (const { id } of WHISPER) expect(answer("files.translation", id)).toMatchObject({ text: "I heard 2 seconds of English." });
    expect(answer("files.subtitles", "openai")).toMatchObject({ text: expect.stringContaining("00:00:02.000\nI heard") as unknown });
  });
}
