import type { TokenUsage } from "@alfred/contracts";
import { countOf, objectOf, unknownFields } from "../loose-json.ts";

const KNOWN = new Set(["cached_tokens"]);

/**
 * Cohere's `usage` in OpenAI's terms. It counts twice: what it bills, and all that the model read and wrote, with
 * templates that are not billed. What is billed is what is used here; both are passed on. Undefined where it counts
 * neither.
 *
 * Source: https://docs.cohere.com/docs/how-does-cohere-pricing-work
 */
export function readUsage(json: unknown): TokenUsage | undefined {
  const usage = objectOf(json);
  const billed = objectOf(usage["billed_units"]);
  const counted = objectOf(usage["tokens"]);
  const input = countOf(billed["input_tokens"]) ?? countOf(counted["input_tokens"]);
  const output = countOf(billed["output_tokens"]) ?? countOf(counted["output_tokens"]);
  if (input === undefined && output === undefined) return undefined;
  const [promptTokens, completionTokens] = [input ?? 0n, output ?? 0n];
  const cachedTokens = countOf(usage["cached_tokens"]);
  return {
    promptTokens,
    completionTokens,
    totalTokens: promptTokens + completionTokens,
    promptTokensDetails: cachedTokens === undefined ? undefined : { cachedTokens, extra: {} },
    completionTokensDetails: undefined,
    extra: unknownFields(usage, KNOWN),
  };
}
