import type { TokenUsage } from "@alfred/contracts";

/** How a provider tells the usage of a stream in several reports: each of all so far, or each of what came since the last. */
export type UsageReports = "cumulative" | "incremental";

/**
 * What is known of a stream's usage after another report. Count by count: of cumulative reports the larger counts, so that
 * none erases what an earlier one said, nor takes it back; incremental ones are summed. A count that neither tells stays
 * untold. What is no count is as it was told last.
 */
export function mergedUsage(before: TokenUsage | undefined, report: TokenUsage, reports: UsageReports): TokenUsage {
  if (before === undefined) return report;
  const merge = reports === "incremental" ? plus : larger;
  const promptTokens = merge(before.promptTokens, report.promptTokens);
  const completionTokens = optional(before.completionTokens, report.completionTokens, merge);
  const totalTokens = larger(merge(before.totalTokens, report.totalTokens), promptTokens + (completionTokens ?? 0n));
  return {
    promptTokens,
    completionTokens,
    totalTokens,
    promptTokensDetails: mergedDetails(before.promptTokensDetails, report.promptTokensDetails, merge),
    completionTokensDetails: mergedDetails(before.completionTokensDetails, report.completionTokensDetails, merge),
    extra: mergedExtra(before.extra, report.extra, merge),
  };
}

type Merge = (before: bigint, report: bigint) => bigint;
type Extra = Record<string, string>;

/** The parts of a count: of either side of an answer, and what has no name here. */
interface Details {
  cachedTokens?: bigint | undefined;
  reasoningTokens?: bigint | undefined;
  audioTokens?: bigint | undefined;
  readonly extra: Extra;
}

const PARTS = ["cachedTokens", "reasoningTokens", "audioTokens"] as const;

function plus(before: bigint, report: bigint): bigint {
  return report > 0n ? before + report : before;
}

function larger(before: bigint, report: bigint): bigint {
  return before > report ? before : report;
}

function optional(before: bigint | undefined, report: bigint | undefined, merge: Merge): bigint | undefined {
  if (before === undefined || report === undefined) return report ?? before;
  return merge(before, report);
}

function mergedDetails<Some extends Details>(before: Some | undefined, report: Some | undefined, merge: Merge): Some | undefined {
  if (before === undefined || report === undefined) return report ?? before;
  const merged = { ...before, extra: mergedExtra(before.extra, report.extra, merge) };
  for (const part of PARTS) if (report[part] !== undefined) merged[part] = optional(before[part], report[part], merge);
  return merged;
}

const COUNT = /^\d{1,18}$/;

function mergedExtra(before: Extra, report: Extra, merge: Merge): Extra {
  const merged = { ...before };
  for (const [name, text] of Object.entries(report)) {
    const known = before[name];
    const areCounts = known !== undefined && COUNT.test(known) && COUNT.test(text);
    if (text !== "null" || known === undefined) merged[name] = areCounts ? String(merge(BigInt(known), BigInt(text))) : text;
  }
  return merged;
}
