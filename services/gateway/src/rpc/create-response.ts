import type { CreateResponseRequest, CreateResponseResponse } from "@alfred/contracts";
import { readResponse } from "@alfred/openai";
import type { CallContext } from "@alfred/rpc";
import type { Asked } from "../exchange/open.ts";
import type { ExchangeParts } from "../exchange/parts.ts";
import { planResponse } from "../exchange/plan-response.ts";
import { newResponseId } from "../responses/response-id.ts";
import { toResponse } from "../responses/to-response.ts";
import { toResponseUsage } from "../responses/usage.ts";
import { checkCall, checkResponse } from "./validate.ts";
import { wholeAnswer } from "./whole-answer.ts";

/** Answers in the form of Responses when the answer is whole and settled: as its provider gave it where that speaks it. */
export async function createResponse(parts: ExchangeParts, request: CreateResponseRequest, context: CallContext): Promise<CreateResponseResponse> {
  const asked = checkResponse(request.response);
  const call = checkCall(request.call);
  const plans: Asked = { call, operation: "response", model: asked.model, plan: (found, limitTokens) => planResponse(asked, found, false, limitTokens) };
  const { completion, json, plan, receipt, rateLimit } = await wholeAnswer(parts, plans, context);
  if (plan.request.form !== "response") {
    return { response: toResponse(completion, receipt, { id: newResponseId(), now: parts.now, request: asked }), receipt, rateLimit };
  }
  const { usage } = completion;
  const told = readResponse(json);
  return { response: { ...told, usage: told.usage ?? (usage && toResponseUsage(usage)) }, receipt, rateLimit };
}
