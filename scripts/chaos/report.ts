import { FAILPOINTS } from "../../packages/lifecycle/src/index.ts";
import { faultText } from "./faults.ts";
import type { Verdict } from "./run.ts";

const MOST_PROBLEMS = 20;

/** One run as lines: its figures, what was done to it, and what does not add up. */
export function verdictText(verdict: Verdict, folder: string | undefined): string {
  const { seed, faults, requests, answered, denied, served, charged, indeterminate, looks, restMs, problems } = verdict;
  const figures = `${requests} requests, ${answered} answered, ${denied} denied; provider ${served}; charged ${charged}, of them ${indeterminate} indeterminate; limits looked at ${looks} times; at rest after ${(restMs / 1_000).toFixed(1)} s`;
  const shown = problems.slice(0, MOST_PROBLEMS).map((problem) => `    ${problem}`);
  const more = problems.length > MOST_PROBLEMS ? [`    and ${problems.length - MOST_PROBLEMS} more`] : [];
  const logs = folder === undefined ? [] : [`    logs and data: ${folder}; again: npm run chaos -- --runs 1 --seed ${seed}`];
  return [`${problems.length === 0 ? "ok    " : "FAILED"} seed ${seed}: ${figures}`, `    ${faults.map(faultText).join("; ")}`, ...shown, ...more, ...logs].join("\n");
}

/** All runs together: how many passed, and how often each failpoint was reached. */
export function summaryText(verdicts: readonly Verdict[]): string {
  const failed = verdicts.filter(({ problems }) => problems.length > 0);
  const reached = verdicts.flatMap((verdict) => verdict.reached);
  const kills = verdicts.flatMap(({ faults }) => faults).filter(({ failpoint }) => failpoint === undefined);
  const byTarget = [...Map.groupBy(kills, ({ target }) => target)].map(([target, of]) => `${target} ${of.length}`).toSorted();
  const byPoint = FAILPOINTS.map((name) => `${name} ${reached.filter((each) => each === name).length}`);
  const total = (of: (verdict: Verdict) => number): number => verdicts.reduce((sum, verdict) => sum + of(verdict), 0);
  return [
    `${verdicts.length - failed.length} of ${verdicts.length} runs passed${failed.length === 0 ? "" : `; failed seeds: ${failed.map(({ seed }) => seed).join(", ")}`}`,
    `${total(({ requests }) => requests)} requests, ${total(({ answered }) => answered)} whole answers, ${total(({ charged }) => charged)} charges, ${total(({ indeterminate }) => indeterminate)} of them indeterminate`,
    `killed at random: ${byTarget.join(", ")}`,
    `ended at failpoints: ${byPoint.join(", ")}`,
  ].join("\n");
}
