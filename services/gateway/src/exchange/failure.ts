import type { Attempt } from "@alfred/contracts";
import { type AlfredError, fail } from "@alfred/errors";
import { formatUsd } from "@alfred/money";
import { UpstreamFailure } from "../domain/upstream-failure.ts";

/** A mistake of ours on the way to a provider still has to be settled, and may have been billed. */
export function asFailure(error: unknown): UpstreamFailure {
  if (error instanceof UpstreamFailure) return error;
  return new UpstreamFailure(fail("INTERNAL", "Something went wrong on our side.", { cause: error }), { billed: "prompt" });
}

/** Whether a provider said that it has no such thing. */
export function isGone({ code, metadata }: AlfredError): boolean {
  return code === "PROVIDER_REJECTED" && metadata["status"] === "404";
}

/** After several attempts the client should know of them, and where nobody answered in any case; of candidates, who failed how; and what is charged. */
export function withAttempts(error: AlfredError, told: readonly Attempt[]): AlfredError {
  const [first] = told;
  const isCounted = told.length !== 1 || error.code === "PROVIDER_UNAVAILABLE";
  const costNanos = told.reduce((sum, { cost }) => sum + (cost?.value ?? 0n), 0n);
  if (!isCounted && costNanos === 0n) return error;
  const isOfSeveral = told.some(({ provider, model }) => provider !== first?.provider || model !== first.model);
  const tried = told.map(({ provider, model, reason }) => `${provider}/${model}: ${reason}`).join(", ");
  return fail(error.code, error.message, {
    hint: error.hint,
    metadata: {
      ...error.metadata,
      ...(isCounted && { attempts: String(told.length) }),
      ...(isOfSeveral && { tried }),
      ...(costNanos > 0n && { cost_usd: formatUsd(costNanos) }),
    },
    cause: error,
  });
}
