/** How a stage ended. Counts are of single tests; a gate that is not a test suite counts none. */
export interface StageResult {
  readonly ok: boolean;
  /** What to show when it failed, or what to say in passing when it did not. */
  readonly output: string;
  readonly passed?: number;
  readonly failed?: number;
}

/** One step of `npm test`. */
export interface Stage {
  readonly name: string;
  readonly run: () => Promise<StageResult>;
}

/** All stages together. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly failedStages: readonly string[];
}

/**
 * Runs the stages one after the other, an early failure not keeping the later ones from running, and prints each
 * with its time. A failed gate counts as one failure, so that the closing line cannot say 0 while the exit code is 1.
 */
export async function runStages(stages: readonly Stage[], print: (line: string) => void): Promise<Tally> {
  let [passed, failed] = [0, 0];
  const failedStages: string[] = [];
  for (const { name, run } of stages) {
    const startedAt = performance.now();
    const result = await run().catch(failure);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    if (result.output.trim() !== "") print(result.output.trimEnd());
    print(`${result.ok ? "ok    " : "FAILED"} ${name} (${seconds} s)`);
    passed += result.passed ?? 0;
    failed += result.ok ? 0 : Math.max(1, result.failed ?? 0);
    if (!result.ok) failedStages.push(name);
  }
  return { passed, failed, failedStages };
}

function failure(error: unknown): StageResult {
  const known = error instanceof Error && error.name === "StartError";
  return { ok: false, output: known ? error.message : String(error instanceof Error ? error.stack : error) };
}
