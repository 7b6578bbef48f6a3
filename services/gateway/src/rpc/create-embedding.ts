import type { CreateEmbeddingRequest, CreateEmbeddingResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";
import { StreamedText } from "../domain/streamed-text.ts";
import { inFormat } from "../domain/vector-format.ts";
import { openExchange } from "../exchange/open.ts";
import { shownUsage } from "../exchange/outcome.ts";
import type { ExchangeParts } from "../exchange/parts.ts";
import { askedEmbedding } from "./asked-of.ts";
import { checkCall, checkEmbedding } from "./validate.ts";

/** Turns texts into vectors. */
export async function createEmbedding(
  parts: ExchangeParts,
  request: CreateEmbeddingRequest,
  context: CallContext,
): Promise<CreateEmbeddingResponse> {
  const embedding = checkEmbedding(request.embedding);
  const call = checkCall(request.call);
  const exchange = await openExchange(parts, { call, ...askedEmbedding(embedding) }, context);
  const { message, firstByteMs } = await exchange.attempt((upstream) => parts.provider.embed(upstream));
  const { receipt, consumed } = await exchange.answered({ usage: message.usage, said: new StreamedText(), firstByteMs, lastByteMs: undefined }, false);
  const { plan, rateLimit } = exchange.subject;
  const list = inFormat({ ...message, usage: shownUsage(plan, consumed, message.usage) }, embedding.encodingFormat);
  return { list, receipt, rateLimit };
}
