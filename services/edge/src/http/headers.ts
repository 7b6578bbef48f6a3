import type { Amount, RateLimit, Receipt } from "@alfred/contracts";
import { formatUsd } from "@alfred/money";

/** The headers that OpenAI's clients know; the reset counts from now, as "59.9s". */
export function rateLimitHeaders(rateLimit: RateLimit | undefined): Record<string, string> {
  if (rateLimit === undefined) return {};
  const resetMs = Math.max(0, (rateLimit.resetTime?.getTime() ?? Date.now()) - Date.now());
  return {
    "x-ratelimit-limit-requests": String(rateLimit.limit),
    "x-ratelimit-remaining-requests": String(rateLimit.remaining),
    "x-ratelimit-reset-requests": `${resetMs / 1000}s`,
  };
}

/** What an answer cost, what remains, and who gave it. */
export function receiptHeaders(receipt: Receipt | undefined): Record<string, string> {
  if (receipt === undefined) return {};
  return {
    "x-alfred-cost-usd": formatUsd(receipt.cost?.value ?? 0n),
    ...providerHeaders(receipt),
  };
}

/** Who answers and what remains, known before the cost is. */
export function providerHeaders(told: {
  provider: string;
  model: string;
  attempts: number;
  remaining: Amount | undefined;
}): Record<string, string> {
  return {
    "x-alfred-provider": encodeURI(told.provider),
    // A header holds no more than Latin-1, and a model's name may be any text.
    "x-alfred-model": encodeURI(told.model),
    "x-alfred-attempts": String(told.attempts),
    ...(told.remaining === undefined ? {} : { "x-alfred-remaining-usd": formatUsd(told.remaining.value) }),
  };
}
