/** What the closing line needs to know of a test run. */
export interface TestCounts {
  readonly ok: boolean;
  readonly passed: number;
  readonly failed: number;
}

interface FileReport {
  readonly status: string;
  readonly assertionResults: readonly { readonly status: string }[];
}

/**
 * Counts the tests of a vitest JSON report. A file that failed without a failed test (it did not load, or a hook
 * threw) is one failure, as is a run that failed without saying where. No report at all is a failure too, and so is
 * a skipped test: what is switched off proves nothing.
 */
export function readReport(json: string | undefined, exitCode: number): TestCounts {
  if (json === undefined) return { ok: false, passed: 0, failed: 1 };
  const { testResults: files } = JSON.parse(json) as { readonly testResults: readonly FileReport[] };
  const passed = files.reduce((sum, file) => sum + count(file, ["passed"]), 0);
  const failed = files.reduce((sum, file) => sum + failuresOf(file), 0);
  const unexplained = exitCode !== 0 && failed === 0 ? 1 : 0;
  return { ok: exitCode === 0 && failed === 0, passed, failed: failed + unexplained };
}

function failuresOf(file: FileReport): number {
  const failures = count(file, ["failed", "skipped", "pending", "todo", "disabled"]);
  return failures === 0 && file.status === "failed" ? 1 : failures;
}

function count({ assertionResults }: FileReport, statuses: readonly string[]): number {
  return assertionResults.filter(({ status }) => statuses.includes(status)).length;
}
