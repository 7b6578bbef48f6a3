import { readMessage } from "@alfred/anthropic";
import type { ChatCompletion, CreateMessageRequest, CreateMessageResponse, Message } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";
import type { ExchangeParts } from "../exchange/parts.ts";
import type { Plan } from "../exchange/plan.ts";
import { toMessage } from "../messages/to-message.ts";
import { toMessageUsage } from "../messages/usage.ts";
import { dialectOf } from "../providers/dialects.ts";
import { askedMessage } from "./asked-of.ts";
import { checkCall, checkMessage } from "./validate.ts";
import { wholeAnswer } from "./whole-answer.ts";

/** Continues a conversation and answers when the answer is whole and settled. */
export async function createMessage(parts: ExchangeParts, request: CreateMessageRequest, context: CallContext): Promise<CreateMessageResponse> {
  const message = checkMessage(request.message, true);
  const call = checkCall(request.call);
  const { completion, json, plan, receipt, rateLimit } = await wholeAnswer(parts, { call, ...askedMessage(message, false) }, context);
  return { message: told(plan, completion, json), receipt, rateLimit };
}

/** The answer in Anthropic's form: as its provider gave it where that speaks it. */
function told({ route }: Plan, completion: ChatCompletion, json: unknown): Message {
  if (dialectOf(route.upstream).messages === undefined) return toMessage(completion);
  const message = readMessage(json);
  const { usage } = completion;
  return message.usage === undefined && usage !== undefined ? { ...message, usage: toMessageUsage(usage) } : message;
}
