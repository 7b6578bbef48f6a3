import type { CreateTranscriptionRequest, CreateTranscriptionResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";
import type { ExchangeParts } from "../exchange/parts.ts";
import { askedTranscription } from "./asked-media.ts";
import { hear } from "./hear.ts";
import { checkCall } from "./validate.ts";

/** Writes down what is said. */
export function createTranscription(parts: ExchangeParts, request: CreateTranscriptionRequest, context: CallContext): Promise<CreateTranscriptionResponse> {
  return hear(parts, { ...askedTranscription(request, false), call: checkCall(request.call) }, context);
}
