import { writeMessageEvent } from "@alfred/anthropic";
import { Receipt, TokenUsage } from "@alfred/contracts";
import { describe, expect, test } from "vitest";
import { ToldEvents } from "./told-event.ts";

// Shapes after https://platform.claude.com/docs/en/build-with-claude/streaming; the values are this test's own.
const START = { type: "message_start", message: { id: "msg_1", type: "message", role: "assistant", model: "m", content: [], stop_reason: null, stop_sequence: null, usage: { input_tokens: 9, output_tokens: 1 } } };
const BLOCK = { type: "content_block_start", index: 0, content_block: { type: "some_day", novelty: 1 } };
const DELTA = { type: "content_block_delta", index: 0, delta: { type: "signature_delta", signature: "c2ln" } };
const STOP = { type: "content_block_stop", index: 0 };
const END = { type: "message_delta", delta: { stop_reason: "pause_turn", stop_sequence: null }, usage: { output_tokens: 3, cache_read_input_tokens: 2 }, context_management: null };
const RECEIPT = Receipt.create({ requestId: "req_1", provider: "anthropic" });
const COUNTED = TokenUsage.create({ promptTokens: 9n, completionTokens: 4n });

function tell(frames: readonly object[], isWhole: boolean, usage?: TokenUsage): { told: unknown[]; ended: Record<string, unknown>[] } {
  const events = new ToldEvents();
  const told = events.push(frames.map((frame) => ({ event: "type" in frame ? String(frame.type) : "", data: JSON.stringify(frame) })));
  return { told: told.map(writeMessageEvent), ended: events.end(isWhole, usage, RECEIPT).map((event) => writeMessageEvent(event) as Record<string, unknown>) };
}

describe("the events of a provider that speaks the API", () => {
  test("are told as they are, those of the end with what the answer cost", () => {
    const { told, ended } = tell([START, { type: "ping" }, BLOCK, DELTA, STOP, END, { type: "message_stop" }], true);
    expect(told).toEqual([START, BLOCK, DELTA, STOP]);
    expect(ended).toEqual([{ ...END, alfred: expect.objectContaining({ provider: "anthropic" }) as unknown }, { type: "message_stop" }]);
  });

  test("tell all of an end that comes in pieces, the later counts", () => {
    const { ended } = tell([START, END, { type: "message_delta", delta: {}, usage: { output_tokens: 7 } }], true);
    expect(ended[0]).toMatchObject({ delta: { stop_reason: "pause_turn", stop_sequence: null }, usage: { output_tokens: 7, cache_read_input_tokens: 2 } });
  });

  test("end with the usage that was counted where the provider told none", () => {
    const { ended } = tell([START, { ...END, usage: undefined }], true, COUNTED);
    expect(ended[0]).toMatchObject({ delta: { stop_reason: "pause_turn" }, usage: { input_tokens: 9, output_tokens: 4 } });
  });

  test("of an answer that was cut end every block and say so", () => {
    const { ended } = tell([START, BLOCK, DELTA], false, COUNTED);
    expect(ended).toMatchObject([STOP, { type: "message_delta", delta: { stop_reason: "max_tokens" }, usage: { output_tokens: 4 } }, { type: "message_stop" }]);
  });
});
