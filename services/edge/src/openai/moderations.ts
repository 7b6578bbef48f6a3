import { readModerationRequest, writeModerationList } from "@alfred/openai";
import { sendJson, type Exchange } from "../http/exchange.ts";
import { rateLimitHeaders, receiptHeaders } from "../http/headers.ts";
import { callOf, callOptions } from "../http/identity.ts";
import type { ModelParts } from "../http/model-parts.ts";

/** POST /v1/moderations. */
export async function createModeration({ gateway, bodies }: ModelParts, exchange: Exchange): Promise<void> {
  const options = callOptions(exchange);
  const call = callOf(exchange);
  const moderation = readModerationRequest(await bodies.readAsked(exchange.request));
  const { list, receipt, rateLimit } = await gateway.createModeration({ call, moderation }, options);
  const body = list === undefined ? null : writeModerationList(list);
  sendJson(exchange.response, 200, body, { ...receiptHeaders(receipt), ...rateLimitHeaders(rateLimit) });
}
