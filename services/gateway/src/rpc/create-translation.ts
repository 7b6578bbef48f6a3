import type { CreateTranslationRequest, CreateTranslationResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";
import type { ExchangeParts } from "../exchange/parts.ts";
import { planTranslation } from "../exchange/plan-hearing.ts";
import { hear } from "./hear.ts";
import { checkCall, checkSound } from "./validate.ts";

/** Writes down in English what is said in another language. */
export function createTranslation(parts: ExchangeParts, request: CreateTranslationRequest, context: CallContext): Promise<CreateTranslationResponse> {
  const { asked, file } = checkSound(request.translation, request.file, "translation");
  const call = checkCall(request.call);
  return hear(parts, { call, operation: "translation", model: asked.model, plan: (found) => planTranslation(asked, file, found) }, context);
}
