import { readMessage } from "@alfred/anthropic";
import type { CreateMessageRequest, CreateMessageResponse, Message } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";
import type { UpstreamAnswer } from "../domain/provider-port.ts";
import { type Asked, openExchange } from "../exchange/open.ts";
import { shownUsage } from "../exchange/outcome.ts";
import type { ExchangeParts } from "../exchange/parts.ts";
import { planMessage } from "../exchange/plan-message.ts";
import type { Plan } from "../exchange/plan.ts";
import { toMessage } from "../messages/to-message.ts";
import { toMessageUsage } from "../messages/usage.ts";
import { dialectOf } from "../providers/dialects.ts";
import { isShort, saidOf } from "./create-chat-completion.ts";
import { checkCall, checkMessage } from "./validate.ts";

type Completed = Parameters<typeof toMessage>[0];

/** Continues a conversation and answers when the answer is whole and settled. */
export async function createMessage(parts: ExchangeParts, request: CreateMessageRequest, context: CallContext): Promise<CreateMessageResponse> {
  const message = checkMessage(request.message, true);
  const call = checkCall(request.call);
  const asked: Asked = { call, operation: "message", model: message.model, plan: (found, limitTokens) => planMessage(message, found, false, limitTokens) };
  const exchange = await openExchange(parts, asked, context);
  const answer = await exchange.attempt((upstream) => parts.provider.completeChat(upstream));
  const { message: completion, firstByteMs } = answer;
  const { receipt, consumed } = await exchange.answered({ usage: completion.usage, said: saidOf(completion), firstByteMs, lastByteMs: undefined }, isShort(completion));
  const { plan, rateLimit } = exchange.subject;
  return { message: told(plan, answer, shownUsage(plan, consumed, completion.usage)), receipt, rateLimit };
}

/** The answer in Anthropic's form: as its provider gave it where that speaks it. */
function told({ route }: Plan, { message: completion, json }: UpstreamAnswer<Completed>, usage: Completed["usage"]): Message {
  if (dialectOf(route.upstream).messages === undefined) return toMessage({ ...completion, usage });
  const message = readMessage(json);
  return message.usage === undefined && usage !== undefined ? { ...message, usage: toMessageUsage(usage) } : message;
}
