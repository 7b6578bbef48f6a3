import type { CreateCompletionRequest, CreateCompletionResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";
import { toCompletion } from "../completions/to-completion.ts";
import type { Asked } from "../exchange/open.ts";
import type { ExchangeParts } from "../exchange/parts.ts";
import { planCompletion } from "../exchange/plan-completion.ts";
import { checkCall, checkCompletion } from "./validate.ts";
import { wholeAnswer } from "./whole-answer.ts";

/** Continues a text and answers when the continuation is whole and settled. */
export async function createCompletion(parts: ExchangeParts, request: CreateCompletionRequest, context: CallContext): Promise<CreateCompletionResponse> {
  const text = checkCompletion(request.completion);
  const call = checkCall(request.call);
  const asked: Asked = { call, operation: "completion", model: text.model, plan: (found, limitTokens) => planCompletion(text, found, false, limitTokens) };
  const { completion, receipt, rateLimit } = await wholeAnswer(parts, asked, context);
  return { completion: toCompletion(completion), receipt, rateLimit };
}
