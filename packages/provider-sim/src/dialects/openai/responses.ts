import type { ChatAnswer } from "../../chat-answer.ts";
import { chatEndpoint } from "../../chat-endpoint.ts";
import type { Call, Endpoint, Frame, Stamp, StreamWire } from "../../dialect.ts";
import type { JsonObject } from "../../json-fields.ts";
import type { SimError } from "../../sim-error.ts";
import type { ResponseStore } from "./response-store.ts";
import { writeError } from "./errors.ts";
import { answerItems, logprobsOf, partOf, responseObject } from "./responses-answer.ts";
import type { AnswerItem } from "./responses-answer.ts";
import { readResponsesRequest } from "./responses-request.ts";
import type { ResponsesAsk } from "./responses-request.ts";

/** A stream of events ends by the last of them, and goes wrong by one. Source: https://platform.openai.com/docs/api-reference/responses-streaming */
const WIRE: StreamWire = {
  done: undefined,
  brokenFrame: { event: "response.output_text.delta", data: `{"type":"response.output_text.delta","item_id":"msg_sim","output_index":0,"content_index":0,"delta":"bro` },
  errorFrame,
};

/** The endpoint of the Responses API. It keeps its answers, so the same request may be answered otherwise another time. */
export function responsesEndpoint(read: (call: Call) => JsonObject, store: ResponseStore): Endpoint {
  return chatEndpoint({
    name: "responses",
    isRemembered: false,
    read: (call) => readResponsesRequest(read(call), store.of(call)),
    whole: (ask, answer, stamp) => JSON.stringify(kept(ask, answer, stamp)),
    frames: responseFrames,
    wire: WIRE,
  });
}

/** The whole answer, put on the shelf where it is to be kept. */
function kept(ask: ResponsesAsk, answer: ChatAnswer, stamp: Stamp): object {
  const response = responseObject(ask, answer, stamp, true);
  ask.shelf?.keep(response, ask);
  return response;
}

function errorFrame(error: SimError, _stamp: Stamp, sent: number): Frame {
  const { error: told } = JSON.parse(writeError(error).json) as { error: { message: string; param: string | null; code: string | null } };
  return { event: "error", data: JSON.stringify({ type: "error", code: told.code, message: told.message, param: told.param, sequence_number: sent }) };
}

interface Event {
  readonly type: string;
  readonly [name: string]: unknown;
}

/** The answer as numbered events: its items one after the other, each begun, said in pieces and ended; last the whole of it. */
function* responseFrames(ask: ResponsesAsk, answer: ChatAnswer, stamp: Stamp): Generator<Frame, void, undefined> {
  let sequence = 0;
  for (const { type, ...fields } of events(ask, answer, stamp)) {
    yield { event: type, data: JSON.stringify({ type, sequence_number: sequence, ...fields }) };
    sequence += 1;
  }
}

function* events(ask: ResponsesAsk, answer: ChatAnswer, stamp: Stamp): Generator<Event, void, undefined> {
  const fresh = responseObject(ask, answer, stamp, false);
  yield { type: "response.created", response: fresh };
  yield { type: "response.in_progress", response: fresh };
  for (const [index, item] of answerItems(ask, answer, stamp).entries()) {
    yield { type: "response.output_item.added", output_index: index, item: item.opening };
    yield* saidEvents(item, { item_id: item.id, output_index: index });
    yield { type: "response.output_item.done", output_index: index, item: item.whole };
  }
  const isCut = answer.choices[0]?.finishReason === "length";
  yield { type: isCut ? "response.incomplete" : "response.completed", response: kept(ask, answer, stamp) };
}

type Place = Readonly<Record<string, unknown>>;

function* saidEvents(item: AnswerItem, place: Place): Generator<Event, void, undefined> {
  if (item.kind === "reasoning") yield* summaryEvents(item.pieces, { ...place, summary_index: 0 });
  else if (item.kind === "output_text" || item.kind === "refusal") yield* partEvents(item, { ...place, content_index: 0 });
  else yield* callEvents(item, place);
}

function* summaryEvents(pieces: readonly string[], place: Place): Generator<Event, void, undefined> {
  if (pieces.length === 0) return;
  yield { type: "response.reasoning_summary_part.added", ...place, part: summaryPart("") };
  for (const delta of pieces) yield { type: "response.reasoning_summary_text.delta", ...place, delta };
  yield { type: "response.reasoning_summary_text.done", ...place, text: pieces.join("") };
  yield { type: "response.reasoning_summary_part.done", ...place, part: summaryPart(pieces.join("")) };
}

function summaryPart(text: string): object {
  return { type: "summary_text", text };
}

function* partEvents({ kind, pieces, logprobs }: Extract<AnswerItem, { logprobs: unknown }>, place: Place): Generator<Event, void, undefined> {
  const text = pieces.join("");
  const all = logprobsOf(pieces, logprobs);
  yield { type: "response.content_part.added", ...place, part: partOf(kind, "", []) };
  for (const delta of pieces) {
    if (kind === "refusal") yield { type: "response.refusal.delta", ...place, delta };
    else yield { type: "response.output_text.delta", ...place, delta, logprobs: logprobsOf([delta], logprobs) };
  }
  if (kind === "refusal") yield { type: "response.refusal.done", ...place, refusal: text };
  else yield { type: "response.output_text.done", ...place, text, logprobs: all };
  yield { type: "response.content_part.done", ...place, part: partOf(kind, text, all) };
}

function* callEvents({ kind, pieces }: AnswerItem, place: Place): Generator<Event, void, undefined> {
  const [name, field] = kind === "custom" ? ["response.custom_tool_call_input", "input"] : ["response.function_call_arguments", "arguments"];
  for (const delta of pieces) yield { type: `${name}.delta`, ...place, delta };
  yield { type: `${name}.done`, ...place, [field]: pieces.join("") };
}
