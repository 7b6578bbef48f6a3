/** What became of one named test. */
export type TestOutcome =
  | { readonly kind: "passed" }
  /** Failed where it compared something. */
  | { readonly kind: "refuted"; readonly message: string }
  /** Failed otherwise, did not run, or is not there: that proves nothing. */
  | { readonly kind: "broken"; readonly message: string };

interface Report {
  readonly testResults: readonly { readonly message?: string; readonly assertionResults: readonly AssertionResult[] }[];
}

interface AssertionResult {
  readonly ancestorTitles: readonly string[];
  readonly title: string;
  readonly status: string;
  readonly failureMessages?: readonly string[] | null;
}

/** Finds a test by its suites and name in a vitest JSON report, undefined standing for a run that left none. */
export function outcomeOf(json: string | undefined, test: string): TestOutcome {
  if (json === undefined) return { kind: "broken", message: "vitest left no report" };
  const { testResults } = JSON.parse(json) as Report;
  const found = testResults.flatMap(({ assertionResults }) => assertionResults).filter((each) => nameOf(each) === test);
  const [result] = found;
  if (result === undefined || found.length > 1) return { kind: "broken", message: `${found.length} tests of that name ran: ${testResults.map(({ message }) => message ?? "").join(" ")}` };
  if (result.status === "passed") return { kind: "passed" };
  // Hooks that fail after it come later.
  const message = result.failureMessages?.[0] ?? "";
  return isAssertion(message) ? { kind: "refuted", message: firstLine(message) } : { kind: "broken", message: `${result.status}: ${firstLine(message)}` };
}

/** An assertion by itself, one about a promise, or one that a property gave as its reason. */
function isAssertion(message: string): boolean {
  const isOfPromise = /^Error: promise (resolved .* instead of rejecting|rejected .* instead of resolving)/.test(message);
  return isOfPromise || /^AssertionError\b/.test(message) || /^(Caused by|Got)\b.* AssertionError\b/m.test(message);
}

function nameOf({ ancestorTitles, title }: AssertionResult): string {
  return [...ancestorTitles, title].join(" > ");
}

function firstLine(message: string): string {
  return message.split("\n")[0] ?? "";
}
