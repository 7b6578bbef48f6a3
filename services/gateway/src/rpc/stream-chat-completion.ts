import type { StreamChatCompletionRequest, StreamChatCompletionResponse, StreamStarted } from "@alfred/contracts";
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

/**
 * Completes a chat and streams the answer as it comes. A client that goes away ends the call to the provider at once and
 * pays for what was streamed.
 */
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
  const tally = new StreamTally(chat.streamOptions?.includeUsage === true);
  const length = new AnswerLength(parts.tokenizer, exchange.subject.plan.route.model, exchange.allowedTokens);
  const isWhole = yield* forward(exchange, stream, tally, length);
  yield* conclude(exchange, stream, tally, isWhole);
}

/**
 * Passes the answer on; an end before its end is settled here.
 * @returns whether it came to its end, and was not cut because there is no money for more
 */
async function* forward(exchange: Exchange, stream: UpstreamStream, tally: StreamTally, length: AnswerLength): AsyncGenerator<Event, boolean> {
  let failure: UpstreamFailure | undefined = readerLeft();
  let isWhole = true;
  try {
    yield { event: { $case: "started", value: startedOf(exchange) } };
    for await (const chunks of stream) {
      for (const chunk of chunks) {
        const shown = tally.take(chunk);
        if (shown !== undefined) yield { event: { $case: "chunk", value: shown } };
      }
      isWhole = tally.isOver || !length.mayBePast(tally.said) || (await mayGoOn(exchange, tally, length));
      if (!isWhole) break;
    }
    failure = undefined;
  } catch (error) {
    failure = asFailure(error);
  } finally {
    stream.abort();
    // Reached without a turn through `catch` where the reader stopped reading, by which this iteration just ends.
    if (failure !== undefined) failure = new UpstreamFailure(await exchange.failed(failure, tally.heard(stream.firstByteMs)));
  }
  if (failure !== undefined) throw failure.error;
  return isWhole;
}

/** Whether an answer is within what is held for it, or more of it can be held. */
async function mayGoOn(exchange: Exchange, tally: StreamTally, length: AnswerLength): Promise<boolean> {
  while (await length.isPast(tally.said)) {
    const before = exchange.allowedTokens;
    if (!(await exchange.extend())) return false;
    length.allow(Number(exchange.allowedTokens - before));
  }
  return true;
}

/** Settles, and tells what it cost. */
async function* conclude(exchange: Exchange, stream: UpstreamStream, tally: StreamTally, isWhole: boolean): AsyncGenerator<Event, void> {
  const heard = tally.heard(stream.firstByteMs);
  const { receipt, consumed } = isWhole ? await exchange.answered(heard, tally.isShort) : await exchange.cut(heard);
  const end = isWhole ? undefined : tally.cutChunk(receipt);
  if (end !== undefined) yield { event: { $case: "chunk", value: end } };
  const usage = shownUsage(exchange.subject.plan, consumed, tally.usage);
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
