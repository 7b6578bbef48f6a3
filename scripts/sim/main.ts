import { parseArgs } from "node:util";
import { Counters } from "./counters.ts";
import { describeFailure, MAX_STEPS, simulate } from "./simulate.ts";

const usage = "Usage: npm run sim -- [--seeds N] [--first N] [--seed N] [--steps N] [--shrink SECONDS]";

/** Runs many seeds, or one; the exit code says whether every invariant held. */
function main(args: string[]): number {
  const options = readOptions(args);
  if (options === undefined) {
    console.error(usage);
    return 2;
  }
  const reached = new Counters();
  const startedAt = performance.now();
  let failures = 0;
  for (let seed = options.first; seed < options.first + options.seeds; seed += 1) {
    const failure = simulate(seed, { maxSteps: options.steps, shrinkMs: options.shrinkMs }, reached);
    if (failure === undefined) continue;
    failures += 1;
    console.log(`${describeFailure(failure)}\n`);
  }
  for (const [name, count] of reached.entries()) console.log(`${String(count).padStart(10)}  ${name}`);
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  console.log(`${options.seeds} seeds in ${seconds} s, ${failures} failed`);
  return failures === 0 ? 0 : 1;
}

interface Options {
  readonly first: number;
  readonly seeds: number;
  /** How long a schedule is at most. */
  readonly steps: number;
  /** How long a failure is made smaller. */
  readonly shrinkMs: number;
}

function readOptions(args: string[]): Options | undefined {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ args, options: { seeds: text, first: text, seed: text, steps: text, shrink: text } });
  const first = Number(values.seed ?? values.first ?? 1);
  const seeds = values.seed === undefined ? Number(values.seeds ?? 200) : 1;
  const steps = Number(values.steps ?? MAX_STEPS);
  const shrinkMs = Number(values.shrink ?? 30) * 1_000;
  const isWhole = [first, seeds, steps, shrinkMs].every((value) => Number.isSafeInteger(value) && value >= 0);
  return isWhole ? { first, seeds, steps, shrinkMs } : undefined;
}

process.exitCode = main(process.argv.slice(2));
