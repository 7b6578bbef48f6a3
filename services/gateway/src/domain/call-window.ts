/** How long a call counts, in milliseconds, and in how many steps it is forgotten. */
const WINDOW_MS = 30_000;
const STEPS = 10;
const STEP_MS = WINDOW_MS / STEPS;

interface Step {
  /** Which step since the epoch it holds. */
  number: number;
  calls: number;
  failures: number;
}

/** What became of calls lately, in steps of a sliding window. */
export class CallWindow {
  #steps: Step[] = emptySteps();

  add(hasFailed: boolean, nowMs: number): void {
    const number = Math.floor(nowMs / STEP_MS);
    const step = this.#steps[number % STEPS];
    if (step === undefined) return;
    if (step.number !== number) Object.assign(step, { number, calls: 0, failures: 0 });
    step.calls += 1;
    if (hasFailed) step.failures += 1;
  }

  /** Those within the window, and of them those that failed. */
  sums(nowMs: number): { readonly calls: number; readonly failures: number } {
    const oldest = Math.floor(nowMs / STEP_MS) - STEPS;
    const recent = this.#steps.filter(({ number }) => number > oldest);
    const sum = (of: "calls" | "failures"): number => recent.reduce((total, step) => total + step[of], 0);
    return { calls: sum("calls"), failures: sum("failures") };
  }

  clear(): void {
    this.#steps = emptySteps();
  }
}

function emptySteps(): Step[] {
  return Array.from({ length: STEPS }, () => ({ number: -1, calls: 0, failures: 0 }));
}
