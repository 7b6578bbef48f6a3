import type { AlfredError } from "@alfred/errors";
import { isFailure } from "@alfred/errors";
import type { Charge } from "../domain/charge.ts";
import type { Admission, ConsideredRequest } from "../domain/money-port.ts";

/** What asking once came to: an admission, a denial, or neither where an earlier try under its id cost nothing. */
export interface Tried {
  readonly admission?: Admission | undefined;
  readonly denial?: AlfredError | undefined;
}

/** Asks for a charge. `name` tells apart what is asked for one request: "", "t", "r", "c1". */
export type Ask = (worst: Charge, name: string, isClamped: boolean) => Promise<Tried>;

/** How often a request is cut further, where others spend what it was cut to. */
const MAX_CLAMPS = 3;

/** Waits for what this gateway itself gives back of what a denial is about. */
type Release = (denial: AlfredError) => Promise<void>;

/**
 * Asks for the worst case; where that is denied, for what a closer count of the prompt comes to; where that is denied too,
 * and the limit says so, for as long an answer as is left to pay for.
 */
export async function tryAll(request: ConsideredRequest, ask: Ask, release?: Release): Promise<Tried> {
  const first = await ask(request.worst, "", false);
  const { denial } = first;
  return denial === undefined ? first : afterDenial(denial, () => tryCloser(request, denial, ask, release));
}

async function tryCloser(request: ConsideredRequest, denial: AlfredError, ask: Ask, release: Release | undefined): Promise<Tried> {
  const closer = mayFit(request.least, denial) ? await request.tighter() : undefined;
  const tried = closer === undefined ? { denial } : await ask(closer, "t", false);
  if (tried.denial?.metadata["clamp"] !== "true") return tried;
  const again = await afterRelease(tried.denial, release, () => ask(closer ?? request.worst, "r", false));
  return again.denial === undefined ? again : tryShorter(request, again.denial, ask, release);
}

async function tryShorter(request: ConsideredRequest, denial: AlfredError, ask: Ask, release: Release | undefined): Promise<Tried> {
  let last = denial;
  for (let clamps = 1; clamps <= MAX_CLAMPS; clamps += 1) {
    const shorter = await request.shorter(last);
    if (shorter === undefined) break;
    const tried = await ask(shorter, `c${clamps}`, true);
    if (tried.denial === undefined) return tried;
    const again = await afterRelease(tried.denial, release, () => ask(shorter, `c${clamps}r`, true));
    if (again.denial === undefined) return again;
    last = again.denial;
  }
  return { denial: last };
}

/** What is left says nothing of what this gateway held when it asked, and an answer is not to be cut for that. */
async function afterRelease(denial: AlfredError, release: Release | undefined, again: () => Promise<Tried>): Promise<Tried> {
  if (release === undefined) return { denial };
  await release(denial);
  return again();
}

/** Somebody who was told that the money is spent need not hear that the wallet was away when asked for less. */
async function afterDenial(denial: AlfredError, further: () => Promise<Tried>): Promise<Tried> {
  try {
    return await further();
  } catch (error) {
    if (isFailure(error, "UNAVAILABLE")) return { denial };
    throw error;
  }
}

/** Whether this was said before, of an earlier try. */
export function isReplayed({ metadata }: AlfredError): boolean {
  return metadata["replayed"] === "true";
}

/**
 * Whether a charge could be below the limit that refused more. Also of a denial that is repeated: what was tried after it
 * then must be tried again, and nothing else, to find what became of it.
 */
function mayFit(least: Charge, denial: AlfredError): boolean {
  const { unit, left = "" } = denial.metadata;
  if (!/^\d+$/.test(left)) return true;
  return (unit === "tokens" ? least.tokens : least.nanos) <= BigInt(left);
}
