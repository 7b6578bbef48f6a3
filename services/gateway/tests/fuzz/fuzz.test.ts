import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FACES } from "./face.ts";
import { RECORDINGS, cuts, damages, playWhole, splits, sweep } from "./sweep.ts";
import { Trial } from "./trial.ts";

/** Those that are read by code of their own, or with what no other has, at every byte; the others at every fifth. */
const EVERY_BYTE = new Set(["openai", "openai-calls", "deepseek", "perplexity", "anthropic", "gemini", "cohere"]);
const STEP = 5;
/** Of messages, whose providers are read by the same code. */
const WIDE_STEP = 17;
const SEEDS = 60;
/** Against hanging: as a rule all take half a minute together. */
const TIMEOUT_MS = 300_000;

describe.each(FACES)("a stream that is split, cut or damaged anywhere, told as $name,", (face) => {
  let trial: Trial;

  beforeAll(async () => {
    trial = await Trial.start(RECORDINGS, face);
  });

  afterAll(() => trial[Symbol.asyncDispose]());

  test.each(RECORDINGS.flatMap(face.of).map((recording) => [recording.name, recording] as const))("of %s is whole, or one typed error, and charged once, as what came", async (name, recording) => {
    const { whole, faults } = await playWhole(trial, recording);
    expect(faults).toEqual([]);
    const step = face.name === "chat" ? (EVERY_BYTE.has(name) ? 1 : STEP) : WIDE_STEP;
    const split = await sweep(trial, whole, splits(recording, step));
    expect(split).toMatchObject({ answered: split.cases, faults: [] });
    // Of the three ways to lose an end each byte meets one; `npm run fuzz` tries them all.
    const cut = await sweep(trial, whole, cuts(recording, step).filter((_, at) => at % 3 === Math.floor(at / 3) % 3));
    expect(cut.faults).toEqual([]);
    expect(cut.answered).toBeLessThan(cut.cases / 2);
    const damaged = await sweep(trial, whole, Array.from({ length: SEEDS }, (_, seed) => damages(recording, seed + 1)));
    expect(damaged.faults).toEqual([]);
    // Else the seeds would show only one side.
    expect(damaged.answered).toBeGreaterThan(SEEDS / 10);
    expect(damaged.answered).toBeLessThan(SEEDS);
  }, TIMEOUT_MS);
});
