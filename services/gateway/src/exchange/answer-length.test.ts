import { ChatCompletionChunk, ChatDelta } from "@alfred/contracts";
import { describe, expect, test } from "vitest";
import { StreamedText } from "../domain/streamed-text.ts";
import { Tokenizer } from "../tokens/tokenizer.ts";
import { AnswerLength } from "./answer-length.ts";

const say = (said: StreamedText, content: string): void =>
  said.addChunk(ChatCompletionChunk.create({ choices: [{ index: 0, delta: ChatDelta.create({ content }), extra: {} }] }));

/** A tokenizer that keeps count of how often it was asked, and for how much. */
class CountedTokenizer extends Tokenizer {
  calls = 0;
  characters = 0;

  override count(model: string, text: string): Promise<number> {
    this.calls += 1;
    this.characters += text.length;
    return super.count(model, text);
  }
}

/** Says words one by one until the answer is past what is held, at most so many; how many were said. */
async function speak(length: AnswerLength, said: StreamedText, most: number): Promise<number> {
  for (let words = 1; words <= most; words += 1) {
    say(said, " hello");
    if (length.mayBePast(said) && (await length.isPast(said))) return words;
  }
  return Number.POSITIVE_INFINITY;
}

describe("the length of an answer", () => {
  test("is not counted while its bytes fit", async () => {
    const tokenizer = new CountedTokenizer();
    const said = new StreamedText();
    expect(await speak(new AnswerLength(tokenizer, "gpt-4o-mini", 1_000n), said, 150)).toBe(Number.POSITIVE_INFINITY);
    expect(tokenizer.calls).toBe(0);
  });

  test("is found to be past what is held soon after it is, and counted once", async () => {
    const tokenizer = new CountedTokenizer();
    const said = new StreamedText();
    // A word is a token of this model.
    const words = await speak(new AnswerLength(tokenizer, "gpt-4o-mini", 1_000n), said, 5_000);
    expect(words).toBeGreaterThan(1_000);
    expect(words).toBeLessThan(1_050);
    expect(tokenizer.characters).toBe(said.bytes);
    expect(tokenizer.calls).toBeLessThan(60);
  });

  test("is judged with more room where the encoding is not the model's own", async () => {
    const words = await speak(new AnswerLength(new Tokenizer(), "claude-sonnet-4", 1_000n), new StreamedText(), 5_000);
    expect(words).toBeGreaterThan(1_200);
  });

  test("may be as much longer as is allowed", async () => {
    const said = new StreamedText();
    const length = new AnswerLength(new Tokenizer(), "gpt-4o-mini", 100n);
    const first = await speak(length, said, 5_000);
    length.allow(500);
    expect(await speak(length, said, 5_000)).toBeGreaterThan(600 - first);
    expect(length.allowedTokens).toBe(600);
  });

  test("is estimated where the answer is longer than what is kept of it", async () => {
    const said = new StreamedText();
    const length = new AnswerLength(new Tokenizer(), "gpt-4o-mini", 100_000n);
    const long = " hello".repeat(10_000);
    for (let pieces = 0; pieces < 9; pieces += 1) say(said, long);
    expect(length.mayBePast(said) && (await length.isPast(said))).toBe(false);
    for (let pieces = 0; pieces < 3; pieces += 1) say(said, long);
    expect(length.mayBePast(said) && (await length.isPast(said))).toBe(true);
  });
});
