import type { ChatCompletionChunk } from "@alfred/contracts";
import { readChatChunk } from "@alfred/openai";
import { describe, expect, test } from "vitest";
import { StreamTally } from "./stream-tally.ts";

const NEVER = { firstByteMs: undefined, lastByteMs: undefined };

function chunkOf(content: string | undefined, more: { index?: number; finish?: string; usage?: readonly [number, number] } = {}): ChatCompletionChunk {
  const { index = 0, finish = null, usage } = more;
  const choices = content === undefined ? [] : [{ index, delta: { content }, finish_reason: finish }];
  const counts = usage && { prompt_tokens: usage[0], completion_tokens: usage[1], total_tokens: usage[0] + usage[1] };
  return readChatChunk({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices, ...(counts && { usage: counts }) });
}

describe("a tally of a stream", () => {
  test.each([["cumulative", 6n], ["incremental", 9n]] as const)("merges reports that are %s as such", (reports, answer) => {
    const tally = new StreamTally(true, reports);
    tally.take([chunkOf("a", { usage: [5, 1] }), chunkOf("b", { usage: [0, 2] })]);
    tally.take([chunkOf(undefined, { usage: [0, 6] })]);
    expect(tally.heard(NEVER).usage).toMatchObject({ promptTokens: 5n, completionTokens: answer });
  });

  test("shows all but usage, and counts what came at once whoever reads it", () => {
    const tally = new StreamTally(true);
    const shown = tally.take([chunkOf("a"), chunkOf("b", { usage: [5, 1] }), chunkOf(undefined, { usage: [5, 2] })]);
    expect(shown.map(({ choices, usage }) => [choices[0]?.delta?.content, usage])).toEqual([["a", undefined], ["b", undefined]]);
    expect(tally.said.bytes).toBe(2);
  });

  test("gives an end to the answers that have none, and to no others", () => {
    const tally = new StreamTally(false);
    expect(tally.missingEnd()).toBeUndefined();
    tally.take([chunkOf("a", { finish: "length" }), chunkOf("b", { index: 1 })]);
    expect(tally.missingEnd()?.choices.map(({ index, finishReason }) => [index, finishReason])).toEqual([[1, "stop"]]);
    tally.take([chunkOf("", { index: 1, finish: "stop" })]);
    expect([tally.missingEnd(), tally.isOver, tally.isShort]).toEqual([undefined, true, true]);
  });

  test("takes as many answers as may be asked for", () => {
    const tally = new StreamTally(false);
    for (let index = 0; index < 128; index += 1) tally.take([chunkOf("x", { index })]);
    tally.take([chunkOf("x", { index: 7 })]);
    expect(() => tally.take([chunkOf("x", { index: 128 })])).toThrow("more than 128 answers");
  });
});
