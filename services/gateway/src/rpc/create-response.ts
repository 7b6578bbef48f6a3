import type { CreateResponseRequest, CreateResponseResponse } from "@alfred/contracts";
import { readResponse } from "@alfred/openai";
import type { CallContext } from "@alfred/rpc";
import { type Asked, openExchange } from "../exchange/open.ts";
import { shownUsage } from "../exchange/outcome.ts";
import type { ExchangeParts } from "../exchange/parts.ts";
import { planResponse } from "../exchange/plan-response.ts";
import { newResponseId } from "../responses/response-id.ts";
import { toResponse } from "../responses/to-response.ts";
import { toResponseUsage } from "../responses/usage.ts";
import { isShort, saidOf } from "./create-chat-completion.ts";
import { checkCall, checkResponse } from "./validate.ts";

/** Answers in the form of Responses when the answer is whole and settled: as its provider gave it where that speaks it. */
export async function createResponse(parts: ExchangeParts, request: CreateResponseRequest, context: CallContext): Promise<CreateResponseResponse> {
  const asked = checkResponse(request.response);
  const call = checkCall(request.call);
  const plans: Asked = { call, operation: "response", model: asked.model, plan: (found, limitTokens) => planResponse(asked, found, false, limitTokens) };
  const exchange = await openExchange(parts, plans, context);
  const { message: completion, json, firstByteMs } = await exchange.attempt((upstream) => parts.provider.completeChat(upstream));
  const { receipt, consumed } = await exchange.answered({ usage: completion.usage, said: saidOf(completion), firstByteMs, lastByteMs: undefined }, isShort(completion));
  const { plan, rateLimit } = exchange.subject;
  const usage = shownUsage(plan, consumed, completion.usage);
  if (plan.request.form !== "response") {
    return { response: toResponse({ ...completion, usage }, receipt, { id: newResponseId(), now: parts.now, request: asked }), receipt, rateLimit };
  }
  const told = readResponse(json);
  return { response: { ...told, usage: told.usage ?? (usage && toResponseUsage(usage)) }, receipt, rateLimit };
}
