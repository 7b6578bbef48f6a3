import type { CreateTranslationRequest, CreateTranslationResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";
import type { ExchangeParts } from "../exchange/parts.ts";
import { askedTranslation } from "./asked-media.ts";
import { hear } from "./hear.ts";
import { checkCall } from "./validate.ts";

/** Writes down in English what is said in another language. */
export function createTranslation(parts: ExchangeParts, request: CreateTranslationRequest, context: CallContext): Promise<CreateTranslationResponse> {
  return hear(parts, { ...askedTranslation(request), call: checkCall(request.call) }, context);
}
