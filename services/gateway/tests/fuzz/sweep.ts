import { inspect } from "node:util";
import { OPENAI_RECORDINGS } from "./openai-recordings.ts";
import { OWN_RECORDINGS } from "./own-recordings.ts";
import { damaged, inPieces, seeded } from "./damage.ts";
import { type Play, chunked, whole as wholeOf } from "./player.ts";
import type { Recording } from "./recording.ts";
import { type Told, type Trial, isCharge } from "./trial.ts";
import { type Kind, type Whole, comparable, costOf, faultsOf, faultsOfRecording } from "./verdict.ts";

export const RECORDINGS: readonly Recording[] = [...OPENAI_RECORDINGS, ...OWN_RECORDINGS];

/** One stream as it is played, and what it may lead to. */
export interface Case {
  readonly kind: Kind;
  /** What was done, in words: "openai, split at 17". */
  readonly name: string;
  readonly play: Play;
  readonly overSocket?: boolean;
}

/** What came of many cases. */
export interface Findings {
  cases: number;
  /** Those that were answered whole; the others ended in an error. */
  answered: number;
  /** What is wrong, each with the case's name; the first of them. */
  readonly faults: string[];
}

const AT_ONCE = 24;
const MOST_FAULTS = 20;

/** Plays a recording as it is, and holds it against what it says. */
export async function playWhole(trial: Trial, recording: Recording): Promise<{ readonly whole: Whole; readonly faults: string[] }> {
  const before = new Set(trial.settled.keys());
  const told = await trial.run(recording, { writes: [wholeOf(recording.body)], after: "kept" });
  await trial.rest();
  const charge = (await trial.records([told])).get(told.requestId)?.find(isCharge);
  const [settled] = [...trial.settled].filter(([name]) => !before.has(name)).map(([, each]) => each);
  const source = charge?.source ?? 0;
  const whole = { recording, chunks: comparable(told), cost: costOf(charge), source, hold: settled?.worst ?? 0n };
  const faults = faultsOfRecording(recording, told, charge);
  if (told.error !== undefined) faults.push(`${recording.name}, whole: ${inspect(told.error)}`);
  if (whole.cost === 0n || whole.cost > whole.hold) faults.push(`${recording.name}, whole: a charge of ${whole.cost} for a hold of ${whole.hold}`);
  return { whole, faults };
}

/** The answer in two writes, the second beginning at each byte in turn, those of HTTP's own included. */
export function splits({ name, body }: Recording, step = 1, first = 1): Case[] {
  const bytes = wholeOf(body);
  return positions(bytes.length, step, Math.max(first, 1)).map((at) => ({
    kind: "split", name: `${name}, split at ${at}`, play: { writes: [bytes.subarray(0, at), bytes.subarray(at)], after: "kept" },
  }));
}

/** The answer without its end from each byte on: ended as HTTP ends answers, by the connection's end, or by its reset. */
export function cuts({ name, body }: Recording, step = 1, first = 0): Case[] {
  return positions(body.length, step, first).flatMap((at): Case[] => {
    const kept = body.subarray(0, at);
    return [
      { kind: "cut", name: `${name}, ended at ${at}`, play: { writes: [wholeOf(kept)], after: "kept" } },
      { kind: "cut", name: `${name}, cut at ${at}`, play: { writes: [chunked(kept)], after: "ended" } },
      { kind: "cut", name: `${name}, reset at ${at}`, play: { writes: [chunked(kept)], after: "reset" } },
    ];
  });
}

/** The answer damaged as a seed decides: its events, or in every fourth case what HTTP makes of them. */
export function damages({ name, body }: Recording, seed: number): Case {
  const random = seeded(seed);
  const isBelow = random() < 0.25;
  const { bytes, how } = damaged(isBelow ? wholeOf(body) : body, random);
  const after = (["kept", "kept", "ended", "reset"] as const)[Math.floor(random() * 4)] ?? "kept";
  const sent = isBelow ? bytes : wholeOf(bytes);
  const what = `${name}, seed ${seed}: ${how}${isBelow ? " (HTTP)" : ""}, ${after}`;
  // What HTTP cannot make sense of may leave the next answer on its connection in pieces, too.
  return { kind: "damaged", name: what, play: { writes: inPieces(sent, random), after: isBelow && after === "kept" ? "ended" : after }, overSocket: random() < 0.5 };
}

function positions(length: number, step: number, first: number): number[] {
  return Array.from({ length: Math.max(0, Math.ceil((length - first) / step)) }, (_, index) => first + index * step);
}

/** Plays all cases, many at once, and judges each, and the money of all together. */
export async function sweep(trial: Trial, whole: Whole, cases: readonly Case[]): Promise<Findings> {
  const before = (await trial.rest()).posted;
  const queue = cases.values();
  const tolds: (readonly [Case, Told])[] = [];
  const worker = async (): Promise<void> => {
    for (const each of queue) tolds.push([each, await trial.run(whole.recording, each.play, each.overSocket)]);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const { held, posted } = await trial.rest();
  const records = await trial.records(tolds.map(([, told]) => told));
  const findings: Findings = { cases: tolds.length, answered: tolds.filter(([, { error }]) => error === undefined).length, faults: [] };
  let recorded = 0n;
  for (const [{ kind, name }, told] of tolds) {
    const own = records.get(told.requestId) ?? [];
    recorded += own.reduce((sum, record) => sum + costOf(record), 0n);
    for (const fault of await faultsOf(kind, told, own, whole)) findings.faults.push(`${name}: ${fault}`);
  }
  if (held !== 0n) findings.faults.push(`${whole.recording.name}: ${held} nano-dollars are still held`);
  if (posted - before !== recorded) findings.faults.push(`${whole.recording.name}: ${posted - before} were posted, ${recorded} are on record`);
  findings.faults.splice(MOST_FAULTS);
  return findings;
}
