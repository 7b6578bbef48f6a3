import type { MeterQuantity } from "@alfred/contracts";

/** Shorter than this, in milliseconds, tells of the network rather than of the model. */
const LEAST_MS = 10;

/**
 * Tokens of a streamed answer per second, from its first byte to its last, reasoning included; undefined where that cannot
 * be told: nothing was streamed, or all of it at once.
 */
export function answerPace(quantities: readonly MeterQuantity[], firstByteMs: number | undefined, lastByteMs: number | undefined): number | undefined {
  if (firstByteMs === undefined || lastByteMs === undefined || lastByteMs - firstByteMs < LEAST_MS) return undefined;
  const tokens = quantities.reduce((sum, { meter, quantity }) => (isOfAnswer(meter) ? sum + quantity : sum), 0n);
  return tokens === 0n ? undefined : Math.round((Number(tokens) * 1_000_000) / (lastByteMs - firstByteMs)) / 1_000;
}

/** Whether a meter counts tokens that the model wrote. */
export function isOfAnswer(meter: string): boolean {
  return meter.startsWith("output_") || meter === "reasoning_tokens";
}
