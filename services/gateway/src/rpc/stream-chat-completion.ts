import type { ChatCompletionChunk, StreamChatCompletionRequest, StreamChatCompletionResponse, StreamStarted } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";
import { fail } from "@alfred/errors";
import type { UpstreamStream } from "../domain/provider-port.ts";
import { UpstreamFailure } from "../domain/upstream-failure.ts";
import { AnswerLength } from "../exchange/answer-length.ts";
import { type Exchange, usd } from "../exchange/exchange.ts";
import { asFailure } from "../exchange/failure.ts";
import { type Asked, openExchange } from "../exchange/open.ts";
import { shownUsage } from "../exchange/outcome.ts";
import type { ExchangeParts } from "../exchange/parts.ts";
import { planChat } from "../exchange/plan.ts";
import { StreamTally } from "./stream-tally.ts";
import { checkCall, checkChat } from "./validate.ts";

type Event = StreamChatCompletionResponse;

/** A streamed answer on its way. */
interface Answer {
  readonly exchange: Exchange;
  readonly stream: UpstreamStream;
  readonly chunks: AsyncIterator<ChatCompletionChunk[], unknown>;
  readonly tally: StreamTally;
  readonly length: AnswerLength;
}

/** Completes a chat and streams the answer as it comes. Of a client that goes away the rest is read to learn what is billed. */
export async function* streamChatCompletion(
  parts: ExchangeParts,
  request: StreamChatCompletionRequest,
  context: CallContext,
): AsyncGenerator<Event, void> {
  const chat = checkChat(request.chat);
  const call = checkCall(request.call);
  const asked: Asked = { call, operation: "chat", model: chat.model, plan: (found, limitTokens) => planChat(chat, found, true, limitTokens) };
  const exchange = await openExchange(parts, asked, context);
  const stream = await exchange.attempt((upstream) => parts.provider.streamChat(upstream));
  const tally = new StreamTally(chat.streamOptions?.includeUsage === true, stream.usageReports);
  const length = new AnswerLength(parts.tokenizer, exchange.subject.plan.route.model, exchange.allowedTokens);
  const answer = { exchange, stream, chunks: stream[Symbol.asyncIterator](), tally, length };
  const end = yield* forward(answer);
  if (end !== "left") yield* conclude(answer, end === "whole");
}

/**
 * Passes the answer on; an end before its end is settled here.
 * @returns whether it came to its end, was cut because there is no money for more, or lost its reader
 */
async function* forward(answer: Answer): AsyncGenerator<Event, "whole" | "cut" | "left"> {
  const { exchange, stream, chunks, tally, length } = answer;
  let end: "whole" | "cut" | "left" | "failed" = "left";
  try {
    yield { event: { $case: "started", value: startedOf(exchange) } };
    for (let step = await chunks.next(); ; step = await chunks.next()) {
      if (step.done === true) return (end = "whole");
      for (const shown of tally.take(step.value)) yield { event: { $case: "chunk", value: shown } };
      if (exchange.hasLeft) return end;
      if (!tally.isOver && length.mayBePast(tally.said) && !(await mayGoOn(answer))) return (end = exchange.hasLeft ? "left" : "cut");
    }
  } catch (error) {
    end = "failed";
    throw await exchange.failed(asFailure(error), tally.heard(stream));
  } finally {
    // Reached without a turn through `catch` where the reader stopped reading, by which this iteration just ends.
    if (end === "left") await depart(answer);
    stream.abort();
  }
}

/** Settles an answer that lost its reader: once it came to its end, where that is soon, else as far as it came. */
async function depart(answer: Answer): Promise<void> {
  const { exchange, stream, tally } = answer;
  const end = await drain(answer);
  const heard = tally.heard(stream);
  if (end === "whole") await exchange.answered(heard, tally.isShort);
  else await exchange.failed(end === "past" ? readerLeft() : end, heard, end === "past");
}

/** Reads an answer on for nobody, as long as that may be and what is held pays for it: no more is held for it. */
async function drain({ exchange, chunks, tally, length }: Answer): Promise<UpstreamFailure | "whole" | "past"> {
  try {
    while (exchange.mayDrain) {
      if (!tally.isOver && length.mayBePast(tally.said) && (await length.isPast(tally.said))) return "past";
      const step = await chunks.next();
      if (step.done === true) return "whole";
      tally.take(step.value);
    }
    return readerLeft();
  } catch (error) {
    return asFailure(error);
  }
}

/** Whether an answer is within what is held for it, or more of it can be held. */
async function mayGoOn({ exchange, tally, length }: Answer): Promise<boolean> {
  while (await length.isPast(tally.said)) {
    const before = exchange.allowedTokens;
    if (!(await exchange.extend())) return false;
    length.allow(Number(exchange.allowedTokens - before));
  }
  return true;
}

/** Settles, and tells what it cost. */
async function* conclude({ exchange, stream, tally }: Answer, isWhole: boolean): AsyncGenerator<Event, void> {
  const heard = tally.heard(stream);
  const { receipt, consumed } = isWhole ? await exchange.answered(heard, tally.isShort) : await exchange.cut(heard);
  const end = isWhole ? tally.missingEnd() : tally.cutChunk(receipt);
  if (end !== undefined) yield { event: { $case: "chunk", value: end } };
  const usage = shownUsage(exchange.subject.plan, consumed, heard.usage);
  const chunk = usage && tally.usageChunk(usage, receipt);
  if (chunk !== undefined) yield { event: { $case: "chunk", value: chunk } };
  yield { event: { $case: "ended", value: { receipt } } };
}

function startedOf({ subject, attempts }: Exchange): StreamStarted {
  const { identity: { requestId }, plan, rateLimit, admission } = subject;
  const { upstream, model } = plan.route;
  return { requestId, provider: upstream.id, model, attempts, rateLimit, remaining: usd(admission.remainingNanos), warnings: [...admission.warnings] };
}

function readerLeft(): UpstreamFailure {
  return new UpstreamFailure(fail("CANCELLED", "The caller ended the call."), { billed: "prompt" });
}
