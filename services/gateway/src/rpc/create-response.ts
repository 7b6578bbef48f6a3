import type { CreateResponseRequest, CreateResponseResponse } from "@alfred/contracts";
import { readResponse } from "@alfred/openai";
import type { CallContext } from "@alfred/rpc";
import { payerOf } from "../exchange/caller.ts";
import type { ExchangeParts } from "../exchange/parts.ts";
import { newResponseId } from "../responses/response-id.ts";
import { toResponse } from "../responses/to-response.ts";
import { toResponseUsage } from "../responses/usage.ts";
import { pastOf } from "../stored/past.ts";
import { ToldId } from "../stored/told-id.ts";
import { askedResponse } from "./asked-of.ts";
import { checkCall, checkResponse } from "./validate.ts";
import { wholeAnswer } from "./whole-answer.ts";

/** Answers in the form of Responses when the answer is whole and settled: as its provider gave it where that speaks it. */
export async function createResponse(parts: ExchangeParts, request: CreateResponseRequest, context: CallContext): Promise<CreateResponseResponse> {
  const asked = checkResponse(request.response);
  const call = checkCall(request.call);
  const plans = askedResponse(asked, false, pastOf(parts, asked, context));
  const { completion, json, plan, receipt, rateLimit } = await wholeAnswer(parts, { call, ...plans }, context);
  if (plan.request.form !== "response") {
    return { response: toResponse(completion, receipt, { id: newResponseId(), now: parts.now, request: asked }), receipt, rateLimit };
  }
  const { usage } = completion;
  const { organisationId } = payerOf(context.principal).path;
  const told = new ToldId({ seal: parts.feeds.seal, organisationId, plan, previousResponseId: asked.previousResponseId, store: asked.store }).tell(readResponse(json));
  return { response: { ...told, usage: told.usage ?? (usage && toResponseUsage(usage)) }, receipt, rateLimit };
}
