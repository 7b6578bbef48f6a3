import type { CreateTranscriptionRequest, CreateTranscriptionResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";
import type { ExchangeParts } from "../exchange/parts.ts";
import { planTranscription } from "../exchange/plan-hearing.ts";
import { hear } from "./hear.ts";
import { checkCall, checkSound } from "./validate.ts";

/** Writes down what is said. */
export function createTranscription(parts: ExchangeParts, request: CreateTranscriptionRequest, context: CallContext): Promise<CreateTranscriptionResponse> {
  const { asked, file } = checkSound(request.transcription, request.file, "transcription");
  const call = checkCall(request.call);
  return hear(parts, { call, operation: "transcription", model: asked.model, plan: (found) => planTranscription(asked, file, found, false) }, context);
}
