import type { CreateChatCompletionRequest, CreateChatCompletionResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";
import type { ExchangeParts } from "../exchange/parts.ts";
import { askedChat } from "./asked-of.ts";
import { checkCall, checkChat } from "./validate.ts";
import { wholeAnswer } from "./whole-answer.ts";

/** Completes a chat and answers when it is whole and settled. */
export async function createChatCompletion(
  parts: ExchangeParts,
  request: CreateChatCompletionRequest,
  context: CallContext,
): Promise<CreateChatCompletionResponse> {
  const chat = checkChat(request.chat);
  const call = checkCall(request.call);
  const { completion, receipt, rateLimit } = await wholeAnswer(parts, { call, ...askedChat(chat, false) }, context);
  return { completion, receipt, rateLimit };
}
