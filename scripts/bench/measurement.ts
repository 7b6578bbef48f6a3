import { type Candidate, type CandidateName } from "./candidate.ts";
import type { Child } from "./child.ts";
import { cpuSpent } from "./cpu-time.ts";
import type { LoadMessage, LoadResult, LoadTask } from "./load/task.ts";
import type { LoadSettings } from "./settings.ts";

/** What one candidate did in one round. */
export interface Measurement {
  readonly candidate: CandidateName;
  readonly load: LoadResult;
  /** CPU microseconds within the measured time, by process. */
  readonly spent: ReadonlyMap<string, number>;
}

/** The load of one candidate: what arrives, and with which bodies. */
export type Load = Pick<LoadTask, "bodies" | "arrivals">;

const MARGIN_MS = 60_000;

/**
 * Measures all candidates in turn, round after round, so that whatever disturbs the machine disturbs all of them.
 * @throws Error where requests failed, since the figures would be of something else
 */
export async function measureRounds(
  generator: Child,
  candidates: readonly Candidate[],
  load: Load,
  settings: LoadSettings,
): Promise<readonly Measurement[]> {
  const measurements: Measurement[] = [];
  for (let round = 0; round < settings.rounds; round += 1) {
    const order = round % 2 === 0 ? candidates : candidates.toReversed();
    for (const candidate of order) measurements.push(await measure(generator, candidate, load, settings));
  }
  return measurements;
}

/** Measures one candidate once. */
export async function measure(
  generator: Child,
  candidate: Candidate,
  load: Load,
  { warmMs, measureMs }: Pick<LoadSettings, "warmMs" | "measureMs">,
): Promise<Measurement> {
  const { name, origin, key, cpu } = candidate;
  generator.send({ ...load, origin, key, warmMs, measureMs } satisfies LoadTask);
  const timeoutMs = warmMs + measureMs + MARGIN_MS;
  await next(generator, "begin", timeoutMs);
  const before = cpu();
  const { result } = await next(generator, "end", timeoutMs);
  const spent = cpuSpent(before, cpu());
  await next(generator, "drained", timeoutMs);
  if (result.failures > 0) throw new Error(`${result.failures} requests to ${name} failed; the first: ${result.firstFailure}`);
  return { candidate: name, load: result, spent };
}

async function next<Event extends LoadMessage["event"]>(
  generator: Child,
  event: Event,
  timeoutMs: number,
): Promise<Extract<LoadMessage, { event: Event }>> {
  const message = (await generator.message(timeoutMs)) as LoadMessage;
  if (message.event !== event) throw new Error(`The load generator told "${message.event}" where "${event}" was due.`);
  return message as Extract<LoadMessage, { event: Event }>;
}
