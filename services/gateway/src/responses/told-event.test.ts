import { Receipt, TokenUsage } from "@alfred/contracts";
import { writeResponseEvent } from "@alfred/openai";
import { describe, expect, test } from "vitest";
import { ToldEvents } from "./told-event.ts";

// Shapes after https://platform.openai.com/docs/api-reference/responses-streaming; the values are this test's own.
const FRESH = { id: "resp_1", object: "response", created_at: 1, status: "in_progress", model: "m", output: [], usage: null, error: null, incomplete_details: null };
const CREATED = { type: "response.created", sequence_number: 0, response: FRESH };
const THOUGHTS = { type: "response.output_item.added", sequence_number: 1, output_index: 0, item: { type: "reasoning", id: "rs_1", summary: [] } };
const SUMMARY = { type: "response.reasoning_summary_part.added", sequence_number: 2, output_index: 0, item_id: "rs_1", summary_index: 0, part: { type: "summary_text", text: "" } };
const THOUGHT = { type: "response.reasoning_summary_text.delta", sequence_number: 3, output_index: 0, item_id: "rs_1", summary_index: 0, delta: "Hm" };
const ADDED = { type: "response.output_item.added", sequence_number: 4, output_index: 1, item: { type: "message", id: "msg_1", status: "in_progress", role: "assistant", content: [] } };
const PART = { type: "response.content_part.added", sequence_number: 5, output_index: 1, item_id: "msg_1", content_index: 0, part: { type: "output_text", text: "", annotations: [] } };
const DELTA = { type: "response.output_text.delta", sequence_number: 6, output_index: 1, item_id: "msg_1", content_index: 0, delta: "So", logprobs: [], obfuscation: "x" };
const CALL = { type: "response.output_item.added", sequence_number: 7, output_index: 2, item: { type: "function_call", id: "fc_1", call_id: "a", name: "f", arguments: "", status: "in_progress" } };
const ARGUMENTS = { type: "response.function_call_arguments.delta", sequence_number: 8, output_index: 2, item_id: "fc_1", delta: "{}" };
const DONE = { type: "response.output_item.done", sequence_number: 9, output_index: 2, item: { ...CALL.item, arguments: "{}", status: "completed" } };
const ODD = { type: "response.some_day", sequence_number: 10, novelty: 1 };
const END = { type: "response.completed", sequence_number: 11, response: { ...FRESH, status: "completed", usage: { input_tokens: 9, output_tokens: 3, total_tokens: 12 }, novelty: null } };
const RECEIPT = Receipt.create({ requestId: "req_1", provider: "openai" });
const COUNTED = TokenUsage.create({ promptTokens: 9n, completionTokens: 4n });

function tell(frames: readonly object[], isWhole: boolean, usage?: TokenUsage) {
  const events = new ToldEvents({ tellEvent: () => undefined });
  const told = events.push(frames.map((frame) => ({ event: "type" in frame ? String(frame.type) : "", data: JSON.stringify(frame) })));
  const ended = events.end(isWhole, usage, RECEIPT);
  return { told: told.map(writeResponseEvent), ended: ended.map((event) => JSON.parse(JSON.stringify(writeResponseEvent(event))) as Record<string, unknown>) };
}

describe("the events of a provider that speaks Responses", () => {
  test("are told as they are, that of the end with what the answer cost", () => {
    const frames = [CREATED, ADDED, PART, DELTA, ODD];
    const { told, ended } = tell([...frames, { type: "keepalive", sequence_number: 5 }, END], true);
    expect(told).toEqual(frames);
    expect(ended).toEqual([{ ...END, alfred: expect.objectContaining({ provider: "openai" }) as unknown }]);
  });

  test("end with the usage that was counted where the provider told none", () => {
    expect(tell([CREATED, { ...END, response: FRESH }], true, COUNTED).ended).toMatchObject([{ response: { usage: { input_tokens: 9, output_tokens: 4, total_tokens: 13 } } }]);
  });

  test("of an answer that was cut end what is open, and tell it as far as it came", () => {
    const { ended } = tell([CREATED, THOUGHTS, SUMMARY, THOUGHT, ADDED, PART, DELTA, CALL, ARGUMENTS], false, COUNTED);
    const output = [
      { type: "reasoning", summary: [{ text: "Hm" }] }, { type: "message", status: "incomplete", content: [{ text: "So" }] }, { type: "function_call", status: "incomplete", arguments: "{}" },
    ];
    expect(ended).toMatchObject([
      ...output.map((item, index) => ({ type: "response.output_item.done", sequence_number: 9 + index, item })),
      { type: "response.incomplete", sequence_number: 12, response: { id: "resp_1", status: "incomplete", incomplete_details: { reason: "max_output_tokens" }, output, usage: { output_tokens: 4 } } },
    ]);
    expect(tell([CREATED, CALL, ARGUMENTS, DONE], false, COUNTED).ended).toMatchObject([{ type: "response.incomplete", response: { output: [DONE.item] } }]);
    expect(tell([], false).ended).toEqual([]);
  });
});
