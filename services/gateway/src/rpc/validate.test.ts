import { describe, expect, test } from "vitest";
import { checkModel } from "./validate.ts";

describe("the name of a model", () => {
  test.each(["gpt-4o", "openai/gpt-4o:free", "@cf/meta/llama", "x".repeat(256)])("can be %j", (model) => {
    expect(() => checkModel(model)).not.toThrow();
  });

  test.each(["", "modèle", "模型", "a b", "a\n", "x".repeat(257)])("cannot be %j", (model) => {
    expect(() => checkModel(model)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", metadata: { field: "model" } }));
  });
});
