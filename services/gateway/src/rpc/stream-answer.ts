import type { ChatCompletionChunk, Receipt, StreamStarted, TokenUsage } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";
import { fail } from "@alfred/errors";
import type { UpstreamStream } from "../domain/provider-port.ts";
import { UpstreamFailure } from "../domain/upstream-failure.ts";
import { AnswerLength } from "../exchange/answer-length.ts";
import type { Exchange } from "../exchange/exchange.ts";
import { asFailure } from "../exchange/failure.ts";
import { type Asked, openExchange } from "../exchange/open.ts";
import { shownUsage } from "../exchange/outcome.ts";
import type { ExchangeParts } from "../exchange/parts.ts";
import { usd } from "../exchange/receipt.ts";
import { StreamTally } from "./stream-tally.ts";

/** How an answer came to its end. */
export interface AnswerEnd {
  readonly tally: StreamTally;
  /** Whether it came to it by itself, and was not cut because there is no money for more. */
  readonly isWhole: boolean;
  /** As the provider told it, else as counted here. */
  readonly usage: TokenUsage | undefined;
  readonly receipt: Receipt;
}

/** What is told last: ends that the provider left out or was not given time for, and the usage where it was asked for. */
export function lastChunks({ tally, isWhole, usage, receipt }: AnswerEnd): ChatCompletionChunk[] {
  const end = isWhole ? tally.missingEnd() : tally.cutChunk(receipt);
  return [end, usage && tally.usageChunk(usage, receipt)].filter((chunk) => chunk !== undefined);
}

/** Tells an answer to its client, in the form of one API. */
export interface Teller<Event> {
  started(told: StreamStarted): Event;
  /** @param chunks what came at once, without the usage */
  said(chunks: readonly ChatCompletionChunk[], stream: UpstreamStream): Iterable<Event>;
  ended(end: AnswerEnd): Iterable<Event>;
}

/** What is asked for, and how it is told. */
interface Streaming<Event> {
  readonly asked: Asked;
  readonly wantsUsage: boolean;
  /** Made once the provider began to answer. */
  tell(exchange: Exchange): Teller<Event>;
  /** Whether the provider's own frames are told, and not what is read from them. */
  keepsFrames?(exchange: Exchange): boolean;
}

/** A streamed answer on its way. */
interface Answer<Event> {
  readonly exchange: Exchange;
  readonly stream: UpstreamStream;
  readonly chunks: AsyncIterator<ChatCompletionChunk[], unknown>;
  readonly tally: StreamTally;
  readonly length: AnswerLength;
  readonly teller: Teller<Event>;
}

/** Streams an answer as it comes. Of a client that goes away the rest is read to learn what is billed. */
export function streamAnswer<Event>(parts: ExchangeParts, streaming: Streaming<Event>, context: CallContext): AsyncGenerator<Event, void> {
  return tell(() => begin(parts, streaming, context));
}

async function begin<Event>(parts: ExchangeParts, streaming: Streaming<Event>, context: CallContext): Promise<Answer<Event>> {
  const exchange = await openExchange(parts, { ...streaming.asked, streamed: true }, context);
  // Each candidate may speak otherwise.
  const stream = await exchange.attempt((upstream) => parts.provider.streamChat({ ...upstream, keepsFrames: streaming.keepsFrames?.(exchange) === true }));
  const tally = new StreamTally(streaming.wantsUsage, stream.usageReports);
  const length = new AnswerLength(parts.tokenizer, exchange.subject.plan.route.model, exchange.allowedTokens);
  return { exchange, stream, chunks: stream[Symbol.asyncIterator](), tally, length, teller: streaming.tell(exchange) };
}

/**
 * Passes the answer on until it comes to its end, is cut because there is no money for more, or loses its reader; an end
 * before its end is settled here. One generator, since each that another delegates to costs every event several turns.
 */
async function* tell<Event>(begun: () => Promise<Answer<Event>>): AsyncGenerator<Event, void> {
  const answer = await begun();
  const { exchange, stream, chunks, tally, length, teller } = answer;
  let end: "whole" | "cut" | "left" | "failed" | undefined;
  try {
    yield teller.started(startedOf(exchange));
    while (end === undefined) {
      const step = await chunks.next();
      if (step.done === true) end = "whole";
      else for (const event of teller.said(tally.take(step.value), stream)) yield event;
      if (end === undefined && exchange.hasLeft) end = "left";
      else if (end === undefined && !tally.isOver && length.mayBePast(tally.said) && !(await mayGoOn(answer))) end = exchange.hasLeft ? "left" : "cut";
    }
  } catch (error) {
    end = "failed";
    throw await exchange.failed(asFailure(error), tally.heard(stream));
  } finally {
    // Undefined where the reader stopped reading, by which this iteration just ends.
    try {
      if (end === undefined || end === "left") await depart(answer);
    } finally {
      stream.abort();
    }
  }
  if (end !== "left") for (const event of await conclude(answer, end === "whole")) yield event;
}

/** Settles an answer that lost its reader: once it came to its end, where that is soon, else as far as it came. */
async function depart(answer: Answer<unknown>): Promise<void> {
  const { exchange, stream, tally } = answer;
  exchange.leave();
  const end = await drain(answer);
  const heard = tally.heard(stream);
  if (end === "whole") await exchange.answered(heard, tally.isShort);
  else await exchange.failed(end === "past" ? readerLeft() : end, heard, end === "past");
}

/** Reads an answer on for nobody, as long as that may be and what is held pays for it: no more is held for it. */
async function drain({ exchange, stream, chunks, tally, length }: Answer<unknown>): Promise<UpstreamFailure | "whole" | "past"> {
  try {
    while (exchange.mayDrain) {
      if (!tally.isOver && length.mayBePast(tally.said) && (await length.isPast(tally.said))) return "past";
      const step = await chunks.next();
      if (step.done === true) return "whole";
      tally.take(step.value);
      stream.takeFrames();
    }
    return readerLeft();
  } catch (error) {
    return asFailure(error);
  }
}

/** Whether an answer is within what is held for it, or more of it can be held. */
async function mayGoOn({ exchange, tally, length }: Answer<unknown>): Promise<boolean> {
  while (await length.isPast(tally.said)) {
    const before = exchange.allowedTokens;
    if (!(await exchange.extend())) return false;
    length.allow(Number(exchange.allowedTokens - before));
  }
  return true;
}

/** Settles. @returns what tells the end and what the answer cost */
async function conclude<Event>({ exchange, stream, tally, teller }: Answer<Event>, isWhole: boolean): Promise<Iterable<Event>> {
  const heard = tally.heard(stream);
  const { receipt, consumed } = isWhole ? await exchange.answered(heard, tally.isShort) : await exchange.cut(heard);
  return teller.ended({ tally, isWhole, usage: shownUsage(exchange.subject.plan, consumed, heard.usage), receipt });
}

function startedOf({ subject, attempts, attemptsOver: failedAttempts }: Exchange): StreamStarted {
  const { identity: { requestId }, plan, rule: routeRule, arm, account, rateLimit, admission } = subject;
  const { upstream, model } = plan.route;
  const [remaining, warnings] = account === undefined ? [usd(admission.remainingNanos), [...admission.warnings]] : [undefined, []];
  return { requestId, provider: upstream.id, model, attempts, rateLimit, remaining, warnings, failedAttempts, routeRule, arm };
}

function readerLeft(): UpstreamFailure {
  return new UpstreamFailure(fail("CANCELLED", "The caller ended the call."), { billed: "prompt" });
}
