import { ModerationList, ModerationRequest } from "@alfred/contracts";
import { describe, expect, test } from "vitest";
import { readModerationList, readModerationRequest, writeModerationList, writeModerationRequest } from "./index.ts";

describe("a request for moderations", () => {
  const parts = [{ type: "text", text: "hi" }, { type: "image_url", image_url: { url: "https://x.test/a.png" } }];
  test.each([{ input: "hi" }, { input: ["hi", "ho"] }, { input: parts, unknown: null }])("comes out as it went in: %j", (fields) => {
    const moderation = readModerationRequest({ model: "m", ...fields });
    const sent = ModerationRequest.decode(ModerationRequest.encode(moderation).finish());
    expect(writeModerationRequest(sent, { model: "n" })).toEqual({ model: "n", ...fields });
  });

  test("names OpenAI's own model where it names none", () => {
    expect(readModerationRequest({ input: "hi" }).model).toBe("omni-moderation-latest");
  });

  test.each([[{}, "input"], [{ input: [] }, "input"], [{ input: 7 }, "input"], [{ input: ["a", 7] }, "input[1]"], [{ model: 7, input: "a" }, "model"]])("of the wrong form is refused: %j", (body, field) => {
    expect(() => readModerationRequest(body)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", metadata: { field } }));
  });
});

test("judgements come out as they went in, categories that are null included", () => {
  const results = [
    { flagged: true, categories: { hate: false, violence: true }, category_scores: { hate: 0.5 }, category_applied_input_types: { hate: ["text"] } },
    { categories: { illicit: null, hate: true }, category_scores: {} },
  ];
  const json = { id: "modr-1", model: "m", results, usage: { prompt_tokens: 3, total_tokens: 3 }, unknown: [1] };
  const list = ModerationList.decode(ModerationList.encode(readModerationList(json)).finish());
  expect(list.results[0]?.categories).toEqual({ hate: false, violence: true });
  expect(writeModerationList(list)).toEqual(json);
});
