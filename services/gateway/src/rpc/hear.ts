import type { RateLimit, Receipt, Transcription } from "@alfred/contracts";
import { parseJson } from "@alfred/openai";
import type { CallContext } from "@alfred/rpc";
import type { UpstreamAnswer, UpstreamCall } from "../domain/provider-port.ts";
import { StreamedText } from "../domain/streamed-text.ts";
import { type Asked, openExchange } from "../exchange/open.ts";
import type { ExchangeParts } from "../exchange/parts.ts";
import type { Heard } from "../providers/dialect.ts";
import { dialectOf } from "../providers/dialects.ts";
import { hasNone } from "../exchange/unsupported.ts";

/** The forms of answers that are text and nothing else. */
const TEXTS = new Set<unknown>(["text", "srt", "vtt"]);

/** What was heard, and what it cost. */
interface HeardAnswer {
  readonly answer: { readonly $case: "transcription"; readonly value: Transcription } | { readonly $case: "text"; readonly value: string };
  readonly receipt: Receipt;
  readonly rateLimit: RateLimit | undefined;
}

/** Asks for a whole transcript. */
export async function hear(parts: ExchangeParts, asked: Asked, context: CallContext): Promise<HeardAnswer> {
  const exchange = await openExchange(parts, asked, context);
  const { message, firstByteMs } = await exchange.attempt((upstream) => ask(parts, upstream));
  const usage = typeof message === "string" ? undefined : message.usage;
  const { receipt } = await exchange.answered({ usage, said: new StreamedText(), firstByteMs, lastByteMs: undefined }, false);
  const answer = typeof message === "string" ? { $case: "text" as const, value: message } : { $case: "transcription" as const, value: message.transcription };
  return { answer, receipt, rateLimit: exchange.subject.rateLimit };
}

/** In the form that was asked of the provider that is called: what it does not know may have been left out. */
async function ask({ provider }: ExchangeParts, call: UpstreamCall): Promise<UpstreamAnswer<Heard | string>> {
  const { response_format: format } = parseJson(call.request.body) as { response_format?: unknown };
  if (TEXTS.has(format)) return provider.askText(call);
  const { hearing } = dialectOf(call.upstream);
  if (hearing === undefined) throw hasNone("transcriptions", call.upstream.id);
  return provider.ask(call, (json) => hearing.read(json));
}
