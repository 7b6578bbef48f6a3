import type { CreateCompletionRequest, CreateCompletionResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";
import { toCompletion } from "../completions/to-completion.ts";
import type { ExchangeParts } from "../exchange/parts.ts";
import { askedCompletion } from "./asked-of.ts";
import { checkCall, checkCompletion } from "./validate.ts";
import { wholeAnswer } from "./whole-answer.ts";

/** Continues a text and answers when the continuation is whole and settled. */
export async function createCompletion(parts: ExchangeParts, request: CreateCompletionRequest, context: CallContext): Promise<CreateCompletionResponse> {
  const text = checkCompletion(request.completion);
  const call = checkCall(request.call);
  const { completion, receipt, rateLimit } = await wholeAnswer(parts, { call, ...askedCompletion(text, false) }, context);
  return { completion: toCompletion(completion), receipt, rateLimit };
}
