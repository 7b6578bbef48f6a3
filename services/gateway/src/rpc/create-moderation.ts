import type { CreateModerationRequest, CreateModerationResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";
import { StreamedText } from "../domain/streamed-text.ts";
import { openExchange } from "../exchange/open.ts";
import type { ExchangeParts } from "../exchange/parts.ts";
import { readJudgements } from "../providers/openai/form.ts";
import { askedModeration } from "./asked-of.ts";
import { checkCall, checkModeration } from "./validate.ts";

/** Judges texts and images. */
export async function createModeration(parts: ExchangeParts, request: CreateModerationRequest, context: CallContext): Promise<CreateModerationResponse> {
  const moderation = checkModeration(request.moderation);
  const call = checkCall(request.call);
  const exchange = await openExchange(parts, { call, ...askedModeration(moderation) }, context);
  const { message: list, firstByteMs } = await exchange.attempt((upstream) => parts.provider.ask(upstream, readJudgements));
  const { receipt } = await exchange.answered({ usage: list.usage, said: new StreamedText(), firstByteMs, lastByteMs: undefined }, false);
  return { list, receipt, rateLimit: exchange.subject.rateLimit };
}
