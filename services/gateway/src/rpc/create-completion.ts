import type { CreateCompletionRequest, CreateCompletionResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";
import { toCompletion } from "../completions/to-completion.ts";
import { type Asked, openExchange } from "../exchange/open.ts";
import { shownUsage } from "../exchange/outcome.ts";
import type { ExchangeParts } from "../exchange/parts.ts";
import { planCompletion } from "../exchange/plan-completion.ts";
import { isShort, saidOf } from "./create-chat-completion.ts";
import { checkCall, checkCompletion } from "./validate.ts";

/** Continues a text and answers when the continuation is whole and settled. */
export async function createCompletion(parts: ExchangeParts, request: CreateCompletionRequest, context: CallContext): Promise<CreateCompletionResponse> {
  const completion = checkCompletion(request.completion);
  const call = checkCall(request.call);
  const { model } = completion;
  const asked: Asked = { call, operation: "completion", model, plan: (found, limitTokens) => planCompletion(completion, found, false, limitTokens) };
  const exchange = await openExchange(parts, asked, context);
  const { message, firstByteMs } = await exchange.attempt((upstream) => parts.provider.completeChat(upstream));
  const { receipt, consumed } = await exchange.answered({ usage: message.usage, said: saidOf(message), firstByteMs, lastByteMs: undefined }, isShort(message));
  const { plan, rateLimit } = exchange.subject;
  return { completion: toCompletion({ ...message, usage: shownUsage(plan, consumed, message.usage) }), receipt, rateLimit };
}
