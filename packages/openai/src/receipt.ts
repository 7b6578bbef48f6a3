import type { Receipt } from "@alfred/contracts";
import { usageSourceToJSON } from "@alfred/contracts";
import { formatUsd } from "@alfred/money";
import { FieldMismatch, type Field } from "./field.ts";

/**
 * Our own object beside a stream's usage: what it cost. Providers do not send
 * it; where one does, it is theirs and goes to `extra`.
 */
export const receipt: Field<Receipt> = {
  read() {
    throw new FieldMismatch("nothing of this name");
  },
  write: (value) => ({
    request_id: value.requestId,
    cost_usd: formatUsd(value.cost?.value ?? 0n),
    ...(value.remaining === undefined ? {} : { remaining_usd: formatUsd(value.remaining.value) }),
    provider: value.provider,
    model: value.model,
    attempts: value.attempts,
    usage_source: usageSourceToJSON(value.usageSource).replace("USAGE_SOURCE_", "").toLowerCase(),
  }),
};
