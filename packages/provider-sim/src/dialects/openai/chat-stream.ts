import type { ChatAnswer, ChoiceAnswer, ToolCallAnswer } from "../../chat-answer.ts";
import type { Stamp } from "../../dialect.ts";
import { createdS, finishReason } from "./chat-completion.ts";
import type { ChatRequest } from "./chat-request.ts";
import { logprobsFor } from "./logprobs.ts";
import { usageJson } from "./usage.ts";

/**
 * The answer as the JSON of `chat.completion.chunk` objects: for each choice a role frame, a frame per token and a
 * finishing frame, the choices taking turns; last a frame of usage where the request asks for it.
 */
export function* chatFrames(request: ChatRequest, answer: ChatAnswer, stamp: Stamp): Generator<string, void, undefined> {
  const head =
    `{"id":"chatcmpl-sim-${stamp.sequence}","object":"chat.completion.chunk","created":${createdS(stamp)},"model":${JSON.stringify(request.model)},` +
    `"service_tier":"default","system_fingerprint":"fp_sim","choices":[`;
  const reportsUsage = request.includeUsage && answer.usage !== null;
  const tail = reportsUsage ? `],"usage":null}` : "]}";
  for (const choice of inTurn(answer.choices.map((each) => choiceFrames(request, each)))) yield head + choice + tail;
  if (reportsUsage && answer.usage !== null) yield `${head}],"usage":${usageJson(answer.usage)}}`;
}

/** One item of each generator in turn, until all are through. */
function* inTurn(generators: readonly Generator<string, void, undefined>[]): Generator<string, void, undefined> {
  const [only] = generators;
  if (generators.length === 1 && only !== undefined) {
    yield* only;
    return;
  }
  let live = generators;
  while (live.length > 0) {
    const next: Generator<string, void, undefined>[] = [];
    for (const generator of live) {
      const { done, value } = generator.next();
      if (done || value === undefined) continue;
      yield value;
      next.push(generator);
    }
    live = next;
  }
}

function* choiceFrames(request: ChatRequest, choice: ChoiceAnswer): Generator<string, void, undefined> {
  const { index, content, refusal, toolCalls } = choice;
  const open = `{"index":${index},"delta":`;
  const close = `,"logprobs":null,"finish_reason":null}`;
  yield `${open}{"role":"assistant","content":${content === null ? "null" : `""`},"refusal":${refusal === null ? "null" : `""`}}${close}`;
  const kind = refusal === null ? "content" : "refusal";
  for (const piece of refusal ?? content ?? []) {
    const end = request.logprobs ? closeWithLogprobs(request, kind, piece) : close;
    yield `${open}{"${kind}":${JSON.stringify(piece)}}${end}`;
  }
  for (const [position, call] of toolCalls.entries()) {
    for (const part of toolCallParts(call, position)) yield `${open}{"tool_calls":[${part}]}${close}`;
  }
  yield `${open}{},"logprobs":null,"finish_reason":"${finishReason(request, choice)}"}`;
}

function closeWithLogprobs(request: ChatRequest, kind: "content" | "refusal", piece: string): string {
  return `,"logprobs":${JSON.stringify(logprobsFor(kind, [piece], request.topLogprobs))},"finish_reason":null}`;
}

/** The first part names the call; the rest are fragments of its arguments. */
function* toolCallParts(call: ToolCallAnswer, position: number): Generator<string, void, undefined> {
  const { id, type, name } = call;
  const text = type === "function" ? "arguments" : "input";
  yield `{"index":${position},"id":"call_sim_${id}","type":"${type}","${type}":{"name":"${name}","${text}":""}}`;
  for (const piece of call.arguments) yield `{"index":${position},"${type}":{"${text}":${JSON.stringify(piece)}}}`;
}
