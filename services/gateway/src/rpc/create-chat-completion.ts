import type { CreateChatCompletionRequest, CreateChatCompletionResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";
import type { Asked } from "../exchange/open.ts";
import type { ExchangeParts } from "../exchange/parts.ts";
import { planChat } from "../exchange/plan.ts";
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
  const asked: Asked = { call, operation: "chat", model: chat.model, plan: (found, limitTokens) => planChat(chat, found, false, limitTokens) };
  const { completion, receipt, rateLimit } = await wholeAnswer(parts, asked, context);
  return { completion, receipt, rateLimit };
}
