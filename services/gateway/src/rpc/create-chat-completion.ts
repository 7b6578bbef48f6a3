import type { ChatCompletion, CreateChatCompletionRequest, CreateChatCompletionResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";
import { StreamedText } from "../domain/streamed-text.ts";
import { type Asked, openExchange } from "../exchange/open.ts";
import { shownUsage } from "../exchange/outcome.ts";
import type { ExchangeParts } from "../exchange/parts.ts";
import { planChat } from "../exchange/plan.ts";
import { checkCall, checkChat } from "./validate.ts";

/** Completes a chat and answers when it is whole and settled. */
export async function createChatCompletion(
  parts: ExchangeParts,
  request: CreateChatCompletionRequest,
  context: CallContext,
): Promise<CreateChatCompletionResponse> {
  const chat = checkChat(request.chat);
  const call = checkCall(request.call);
  const asked: Asked = { call, operation: "chat", model: chat.model, plan: (found, limitTokens) => planChat(chat, found, false, limitTokens) };
  const exchange = await openExchange(parts, asked, context);
  const { message, firstByteMs } = await exchange.attempt((upstream) => parts.provider.completeChat(upstream));
  const { receipt, consumed } = await exchange.answered({ usage: message.usage, said: saidOf(message), firstByteMs, lastByteMs: undefined }, isShort(message));
  const { plan, rateLimit } = exchange.subject;
  const completion = { ...message, usage: shownUsage(plan, consumed, message.usage) };
  return { completion, receipt, rateLimit };
}

/** Whether an answer ended at its limit. */
export function isShort({ choices }: ChatCompletion): boolean {
  return choices.some(({ finishReason }) => finishReason === "length");
}

/** What a whole answer says. */
export function saidOf(completion: ChatCompletion): StreamedText {
  const said = new StreamedText();
  said.addCompletion(completion);
  return said;
}
