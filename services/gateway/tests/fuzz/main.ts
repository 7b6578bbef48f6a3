// `npm run fuzz`: every stream split and cut at every byte, and damaged as seeds decide, through the whole gateway.
// --seeds N for how many damages of each stream, --first N for the first of them, --only NAME for some streams,
// --seed N for one damage of each and nothing else.
import { parseArgs } from "node:util";
import { type Findings, RECORDINGS, type Case, cuts, damages, playWhole, splits, sweep } from "./sweep.ts";
import { FACES, type Face } from "./face.ts";
import type { Recording } from "./recording.ts";
import { Trial } from "./trial.ts";

const usage = "Usage: npm run fuzz -- [--seeds N] [--first N] [--seed N] [--only NAME]";
/** Judged together, so that memory stays bounded. */
const AT_A_TIME = 5_000;

interface Options {
  readonly first: number;
  readonly seeds: number;
  /** Whether every byte is tried, too. */
  readonly bytes: boolean;
  readonly only: string;
}

function readOptions(args: string[]): Options | undefined {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ args, options: { seeds: text, first: text, seed: text, only: text } });
  const first = Number(values.seed ?? values.first ?? 1);
  const seeds = values.seed === undefined ? Number(values.seeds ?? 500) : 1;
  const isWhole = [first, seeds].every((value) => Number.isSafeInteger(value) && value >= 0);
  return isWhole ? { first, seeds, bytes: values.seed === undefined, only: values.only ?? "" } : undefined;
}

function casesOf(recording: Recording, { first, seeds, bytes }: Options): Case[] {
  const damaged = Array.from({ length: seeds }, (_, index) => damages(recording, first + index));
  return bytes ? [...splits(recording), ...cuts(recording), ...damaged] : damaged;
}

async function fuzz(recording: Recording, face: Face, options: Options): Promise<Findings> {
  await using trial = await Trial.start([recording], face);
  const { whole, faults } = await playWhole(trial, recording);
  const findings: Findings = { cases: 1, answered: 1, faults };
  const cases = casesOf(recording, options);
  for (let at = 0; at < cases.length; at += AT_A_TIME) {
    const part = await sweep(trial, whole, cases.slice(at, at + AT_A_TIME));
    findings.cases += part.cases;
    findings.answered += part.answered;
    findings.faults.push(...part.faults);
  }
  return findings;
}

async function main(options: Options): Promise<number> {
  const startedAt = performance.now();
  let [cases, failures] = [0, 0];
  const chosen = RECORDINGS.filter(({ name }) => name.startsWith(options.only));
  for (const [face, recording] of FACES.flatMap((each) => chosen.flatMap(each.of).map((suited) => [each, suited] as const))) {
    const findings = await fuzz(recording, face, options);
    cases += findings.cases;
    failures += findings.faults.length;
    for (const fault of findings.faults) console.log(fault);
    console.log(`${face.name.padEnd(9)} ${recording.name.padEnd(20)} ${String(findings.cases).padStart(8)} cases, ${findings.answered} whole, ${findings.faults.length} wrong`);
  }
  console.log(`${cases} cases in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s, ${failures} wrong`);
  return failures === 0 && cases > 0 ? 0 : 1;
}

const options = readOptions(process.argv.slice(2));
if (options === undefined) console.error(usage);
process.exitCode = options === undefined ? 2 : await main(options);
