import { roleToJSON, type AccountPath, type Key, type RateLimit } from "@alfred/contracts";
import { type AlfredError, fail } from "@alfred/errors";
import type { RateDecision, RateLimiter } from "@alfred/redis";
import type { Principal } from "@alfred/rpc";

/** Who pays for a request. */
export interface Payer {
  readonly key: Key;
  readonly path: AccountPath;
}

/**
 * The key that pays. Root and peer services have no wallet, so they cannot call models.
 * @throws AlfredError ROLE_INSUFFICIENT
 */
export function payerOf({ key, role }: Principal): Payer {
  if (key?.path !== undefined && key.path.accounts.length > 0) return { key, path: key.path };
  const metadata = { role: roleToJSON(role).replace("ROLE_", "").toLowerCase(), required: "user" };
  throw fail("ROLE_INSUFFICIENT", "This caller has no account to charge.", { metadata, hint: "Use a key of an organisation." });
}

/**
 * Takes one of the key's requests per minute; undefined where it has no such limit.
 * @throws AlfredError RATE_LIMITED
 */
export async function takeRate(limiter: RateLimiter, key: Key, nowMs: number): Promise<RateLimit | undefined> {
  if (key.requestsPerMinute === undefined) return undefined;
  const decision = await limiter.take(key.id, key.requestsPerMinute, nowMs);
  const { allowed, limit, remaining, resetMs } = decision;
  const resetTime = new Date(nowMs + resetMs);
  if (!allowed) throw limited(decision, resetTime);
  return { limit, remaining, resetTime };
}

function limited({ limit, remaining, retryAfterMs }: RateDecision, resetTime: Date): AlfredError {
  return fail("RATE_LIMITED", `This key may make ${limit} requests per minute.`, {
    metadata: {
      limit: String(limit),
      remaining: String(remaining),
      reset: resetTime.toISOString(),
      retry_after: String(Math.max(1, Math.ceil(retryAfterMs / 1_000))),
    },
  });
}
