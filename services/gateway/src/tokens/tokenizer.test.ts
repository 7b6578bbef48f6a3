import { describe, expect, test } from "vitest";
import { Tokenizer, encodingOf } from "./tokenizer.ts";

describe("the tokenizer", () => {
  test.each([
    ["gpt-4o-mini", "o200k_base", true],
    ["openai/gpt-5.1-mini", "o200k_base", true],
    ["o3", "o200k_base", true],
    ["gpt-4.1", "o200k_base", true],
    ["gpt-4-turbo", "cl100k_base", true],
    ["text-embedding-3-small", "cl100k_base", true],
    ["claude-sonnet-4", "o200k_base", false],
    ["olmo-2", "o200k_base", false],
  ])("counts %s with %s", (model, name, isOwn) => expect(encodingOf(model)).toEqual({ name, isOwn }));

  test("counts as the model does", async () => {
    const tokenizer = new Tokenizer();
    expect(await tokenizer.count("gpt-4o", "Hello, world!")).toBe(4);
    expect(await tokenizer.count("gpt-4", "Hello, world!")).toBe(4);
    expect(await tokenizer.count("gpt-4o", "")).toBe(0);
  });

  test("takes text that looks like a control token for text", async () => {
    expect(await new Tokenizer().count("gpt-4o", "<|endoftext|>")).toBeGreaterThan(1);
  });

  test("looks at the beginning of a long text only", async () => {
    const tokenizer = new Tokenizer();
    const text = "hello ".repeat(100_000);
    expect(await tokenizer.count("gpt-4o", text)).toBeCloseTo(100_000, -4);
    // What it did not look at counts a token per byte.
    expect(await tokenizer.countAtMost("gpt-4o", text)).toBeGreaterThan(500_000);
  });
});
