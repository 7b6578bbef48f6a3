import { check, property } from "fast-check";
import { Counters } from "./counters.ts";
import { Random } from "./random.ts";
import type { Step } from "./schedule.ts";
import { schedules } from "./schedule.ts";
import { Violation } from "./trace.ts";
import { World } from "./world.ts";

/** How many steps a schedule has at most; on average half of it. */
export const MAX_STEPS = 320;

/** Below that fast-check might take the first run for one too many. */
const LEAST_MS = 1_000;

export interface Limits {
  readonly maxSteps: number;
  /** How long a failure is made smaller, in real time. */
  readonly shrinkMs: number;
}

export interface Failure {
  readonly seed: number;
  /** What was broken, by the smallest schedule found. */
  readonly message: string;
  readonly steps: readonly Step[];
  readonly shrinks: number;
  /** The last of what happened under that schedule. */
  readonly trace: readonly string[];
}

/** Runs one seed on the real cores; a failure is made as small as time allows. `reached` takes what the run came to. */
export function simulate(seed: number, { maxSteps, shrinkMs }: Limits, reached: Counters): Failure | undefined {
  let runs = 0;
  let broken: string | undefined;
  const details = check(
    property(schedules(maxSteps), (steps) => {
      // Only the schedule itself says what a seed reaches, not what is left of it while it shrinks.
      const found = brokenBy(seed, steps, (runs += 1) === 1 ? reached : new Counters());
      broken ??= found;
      // A smaller schedule that breaks something else is another failure.
      return found === undefined || found !== broken;
    }),
    { seed: new Random(seed, "schedule").below(0x7fff_ffff), numRuns: 1, interruptAfterTimeLimit: Math.max(shrinkMs / 2, LEAST_MS) },
  );
  if (runs === 0) throw new Error(`seed ${seed} was not run`);
  if (!details.failed || details.counterexample === null) return undefined;
  const [shrunk] = details.counterexample;
  const steps = withoutIdle(shrunk, (fewer) => brokenBy(seed, fewer, new Counters()) === broken, performance.now() + shrinkMs / 2);
  return { seed, steps, shrinks: runs - 1, ...again(seed, steps) };
}

/** Which invariant a schedule breaks; undefined where all hold. */
function brokenBy(seed: number, steps: readonly Step[], reached: Counters): string | undefined {
  try {
    new World(seed, reached).run(steps);
    return undefined;
  } catch (error) {
    return error instanceof Violation ? (error.message.split(":")[0] ?? "") : String(error);
  }
}

/**
 * Leaves out what a failure does not need, in ever smaller pieces. fast-check makes values small as it goes and may run
 * out of time before it has tried each step.
 */
function withoutIdle(steps: readonly Step[], stillFails: (steps: readonly Step[]) => boolean, endMs: number): readonly Step[] {
  let least = steps;
  for (let size = Math.ceil(steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = least.length - size; from > -size; from -= size) {
      if (performance.now() > endMs) return least;
      const fewer = keepingTime(least, Math.max(0, from), from + size);
      if (stillFails(fewer)) least = fewer;
    }
  }
  return least;
}

/** The steps but for some; what comes after these happens when it did. */
function keepingTime(steps: readonly Step[], from: number, to: number): Step[] {
  const waitedMs = steps.slice(from, to).reduce((sum, { waitMs }) => sum + waitMs, 0);
  const [next, ...others] = steps.slice(to);
  return [...steps.slice(0, from), ...(next === undefined ? [] : [{ ...next, waitMs: next.waitMs + waitedMs }]), ...others];
}

/** Runs a schedule once more for its trace. */
function again(seed: number, steps: readonly Step[]): Pick<Failure, "message" | "trace"> {
  const world = new World(seed, new Counters());
  try {
    world.run(steps);
  } catch (error) {
    return { message: error instanceof Error ? (error.stack ?? error.message) : String(error), trace: world.trace.last(120) };
  }
  return { message: "It failed once and not again: something in it does not depend on the seed alone.", trace: [] };
}

/** A failure as a person reads it: seed, schedule, what happened, what was broken. */
export function describeFailure({ seed, message, steps, shrinks, trace }: Failure): string {
  return [
    `Seed ${seed} fails. Again: npm run sim -- --seed ${seed}`,
    `The schedule, after ${shrinks} times of making it smaller:`,
    ...steps.map((step) => `  ${JSON.stringify(step)}`),
    "What happened last:",
    ...trace.map((line) => `  ${line}`),
    message,
  ].join("\n");
}
