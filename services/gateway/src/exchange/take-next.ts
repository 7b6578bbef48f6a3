import type { Billed } from "../domain/upstream-failure.ts";
import { moreForPlan, moreOf } from "./extension.ts";
import type { Hold } from "./hold.ts";
import type { Plan } from "./plan.ts";
import type { ExchangeSubject } from "./subject.ts";

/**
 * What is asked of the next candidate that can serve a request, and that there is money for, which is held then; undefined
 * where there is none. A candidate that is dearer than what is held, and whose rest is denied, is passed over.
 *
 * @param billed what the one before it may have billed, which takes up what is held
 */
export async function takeNext(subject: ExchangeSubject, hold: Hold, billed: Billed, nowMs: number): Promise<Plan | undefined> {
  const { plan: { isClamped, bound }, candidates, signal } = subject;
  // Cut to what was left for the first, it is cut so for all.
  const limitTokens = isClamped ? bound.answers?.limitTokens : undefined;
  for (let plan = candidates.next(limitTokens); plan !== undefined; plan = candidates.next(limitTokens)) {
    const lack = billed === "nothing" ? hold.lackOf(plan.worst) : plan.worst;
    const isHeld = lack === undefined || (await hold.extend(moreOf({ ...subject, plan }, moreForPlan(plan, lack), hold.size, nowMs)));
    if (isHeld) return signal.aborted ? undefined : plan;
  }
  return undefined;
}
