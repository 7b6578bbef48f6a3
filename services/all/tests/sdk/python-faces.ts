import { describe, expect, test } from "vitest";
import { echo, type Running, simUsage } from "./asked.ts";
import { expectCharged, type Told } from "./charge.ts";
import { PROVIDERS } from "./providers.ts";
import { type Answer, caseOf, PYTHON_PROMPT, type Question, question } from "./python-program.ts";

/** Who draws and speaks. */
const MEDIA = ["openai", "azure"] as const;
const imageOf = (id: string) => ({ id, model: `${id}/gpt-image-1.5` });
const speechOf = (id: string) => ({ id, model: `${id}/gpt-4o-mini-tts` });
/** Whose thoughts come, and go back as they came: by Responses, and by Messages, where they come before the call. */
const THINKING = [
  { id: "openai", model: "openai/gpt-5-mini" },
  { id: "anthropic", model: "anthropic/claude-haiku-4-5" },
  { id: "gemini", model: "gemini/gemini-3-pro-preview" },
] as const;
/** Those whose thoughts Messages shows. */
const SHOWN = THINKING.filter(({ id }) => id !== "openai");
const MODEL = { id: "openai", model: "gpt-4o-mini" } as const;

/** What the clients for Python know beside conversations. */
export function otherQuestions(): Question[] {
  return [
    ...PROVIDERS.flatMap((provider) => [
      ...["faces.completion", "faces.completion_streamed", "messages.count", "asynchronous.everything"].map((ask) => question(ask, provider)),
      question("faces.completion_refused", provider, { with: { fields: { suffix: "The end." } } }),
    ]),
    ...MEDIA.flatMap((id) => [question("faces.image", imageOf(id)), question("faces.image_streamed", imageOf(id)), question("faces.speech", speechOf(id))]),
    ...THINKING.map((provider) => question("responses.thinking", provider)),
    ...SHOWN.flatMap((provider) => [question("messages.thinking", provider), question("messages.runner", provider)]),
    question("faces.moderation", { id: "openai", model: "omni-moderation-latest" }),
    question("faces.models", MODEL),
    question("messages.models", MODEL),
    question("faces.files", MODEL),
    question("responses.stored", MODEL),
  ];
}

/** @param answer what was answered to a question about a provider */
export function otherFaces(running: () => Running, answer: (ask: string, id: string) => Answer): void {
  describe.each(PROVIDERS)("against $id", (provider) => {
    const { id } = provider;

    test.each([["faces.completion", "stop"], ["faces.completion_streamed", ["stop"]]])("%s is answered", async (ask, finish) => {
      const { input, output } = simUsage(PYTHON_PROMPT, provider);
      expect(answer(ask, id)).toMatchObject({ text: echo(PYTHON_PROMPT), finish, told: { input, output } });
      await expectCharged(running().records, caseOf(ask, id), id, [answer(ask, id).told as Told]);
    });

    test("completions are refused for what a chat cannot do", () => {
      expect(answer("faces.completion_refused", id)).toMatchObject({ type: "BadRequestError", code: "feature_unsupported", param: "suffix" });
    });

    test("tokens are counted", () => {
      const { tokens } = answer("messages.count", id) as unknown as { tokens: number };
      expect(tokens > 3 && tokens < 64).toBe(true);
    });

    test("the asynchronous clients are answered, several times at once", () => {
      expect(answer("asynchronous.everything", id)).toMatchObject({ texts: Array<string>(5).fill(echo(PYTHON_PROMPT)) });
    });
  });

  describe.each(MEDIA)("against %s", (id) => {
    test("images are drawn, and streamed", async () => {
      expect(answer("faces.image", id)).toMatchObject({ formats: ["PNG", "PNG"] });
      expect(answer("faces.image_streamed", id)).toMatchObject({ types: ["image_generation.partial_image", "image_generation.completed"] });
      for (const ask of ["faces.image", "faces.image_streamed"]) await expectCharged(running().records, caseOf(ask, id), id, [answer(ask, id).told as Told]);
    });

    test("speech is sound", async () => {
      expect(answer("faces.speech", id)).toMatchObject({ type: "audio/wav", bytes: 960 });
      expect(await running().records.of(caseOf("faces.speech", id))).toMatchObject([{ operation: "speech", outcome: "ATTEMPT_OUTCOME_ANSWERED" }]);
    });
  });

  test.each(THINKING)("thoughts of $id come by Responses, and go back as they came", ({ id }) => {
    expect(answer("responses.thinking", id)).toMatchObject({ types: ["function_call", "reasoning"], finish: "completed" });
  });

  test.each(SHOWN)("thoughts of $id come by Messages, and go back as they came", ({ id }) => {
    expect(answer("messages.thinking", id)).toMatchObject({ types: ["thinking", "tool_use"], finish: "end_turn" });
  });

  test("Responses that are stored are gone on from, and pay for what is read again", async () => {
    const told = answer("responses.stored", MODEL.id).told as readonly Told[];
    expect(answer("responses.stored", MODEL.id)).toMatchObject({ text: echo("Three"), follows: [true, true], shown: echo("Two"), asked: ["Three"] });
    expect(told.map(({ input }) => input)).toEqual(told.map(({ input }) => input).toSorted((left, right) => left - right));
    await expectCharged(running().records, caseOf("responses.stored", MODEL.id), MODEL.id, told);
  });

  test.each(SHOWN)("tools are run by the client itself at $id", ({ id }) => {
    expect(answer("messages.runner", id)).toMatchObject({ finish: "end_turn", runs: 1 });
  });

  test("texts are judged, and models listed", () => {
    expect(answer("faces.moderation", "openai")).toMatchObject({ flagged: [true, false] });
    expect(answer("faces.models", MODEL.id)).toMatchObject({ is_listed: true, id: MODEL.model });
    expect(answer("messages.models", MODEL.id)).toMatchObject({ is_listed: true, id: MODEL.model, type: "model" });
  });

  test("files are kept, told of, read and deleted", () => {
    expect(answer("faces.files", MODEL.id)).toMatchObject({ name: "in.jsonl", content: "{}\n", is_listed: true, is_deleted: true });
  });
}
