import { check, property } from "fast-check";
import { Counters } from "./counters.ts";
import { Random } from "./random.ts";
import type { Step } from "./schedule.ts";
import { schedules } from "./schedule.ts";
import { World } from "./world.ts";

/** How many steps a schedule has at most; on average half of it. */
export const MAX_STEPS = 400;

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
  const details = check(
    property(schedules(maxSteps), (steps) => {
      // Only the schedule itself says what a seed reaches, not what is left of it while it shrinks.
      new World(seed, (runs += 1) === 1 ? reached : new Counters()).run(steps);
    }),
    { seed: new Random(seed, "schedule").below(0x7fff_ffff), numRuns: 1, interruptAfterTimeLimit: shrinkMs },
  );
  if (!details.failed || details.counterexample === null) return undefined;
  const [steps] = details.counterexample;
  return { seed, steps, shrinks: details.numShrinks, ...again(seed, steps) };
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
