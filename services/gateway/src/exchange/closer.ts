import type { AlfredError } from "@alfred/errors";
import type { Charge } from "../domain/charge.ts";
import { clampedLimit, leftToClamp } from "../domain/clamp.ts";
import type { Route } from "../domain/route.ts";
import { worstCharge } from "../domain/worst-case.ts";
import { boundPrompt } from "../tokens/estimate.ts";
import type { Tokenizer } from "../tokens/tokenizer.ts";
import type { Plan } from "./plan.ts";

/** What a closer look at a request needs. */
interface CloserParts {
  readonly tokenizer: Tokenizer;
}

/** The worst case with the prompt counted by the model's own tokenizer, undefined where that is no less. */
export async function closerCharge(parts: CloserParts, plan: Plan): Promise<Charge | undefined> {
  const inputTokens = await closerPrompt(parts, plan);
  if (inputTokens === undefined) return undefined;
  const closer = worstCharge(plan.price, { ...plan.bound.usage, inputTokens });
  return closer !== undefined && closer.nanos < plan.worst.nanos ? closer : undefined;
}

/** What was planned, and how it is planned anew. */
interface Planned {
  readonly plan: Plan;
  readonly asked: { plan(found: Route, limitTokens?: bigint): Plan };
}

/** A request cut to what a denial leaves, and what it costs at most; undefined where that is nothing, or not wanted. */
export async function clampPlan(parts: CloserParts, { plan, asked }: Planned, denial: AlfredError): Promise<{ plan: Plan; worst: Charge } | undefined> {
  const left = leftToClamp(denial.metadata);
  const { answers } = plan.bound;
  if (left === undefined || answers === undefined || denial.code !== "INSUFFICIENT_QUOTA") return undefined;
  // With a limit in it the body is a little longer, so that is the one to be counted.
  const limited = asked.plan(plan.route, answers.limitTokens);
  const inputTokens = (await closerPrompt(parts, limited)) ?? limited.bound.usage.inputTokens;
  const usage = { ...limited.bound.usage, inputTokens };
  const limitTokens = clampedLimit({ price: plan.price, usage, answers }, left);
  if (limitTokens === undefined) return undefined;
  const clamped = asked.plan(plan.route, limitTokens);
  const worst = worstCharge(clamped.price, { ...clamped.bound.usage, inputTokens });
  // Where all of it fits by now there is nothing to cut.
  return worst && { plan: limitTokens < answers.limitTokens ? clamped : plan, worst };
}

/** The prompt at most, counted; undefined where that cannot be told, or is no less. */
async function closerPrompt({ tokenizer }: CloserParts, { bound, route, body }: Plan): Promise<bigint | undefined> {
  if (!bound.isText) return undefined;
  const sentTokens = await boundPrompt(tokenizer, route.model, body);
  const inputTokens = sentTokens && sentTokens + (bound.keptTokens ?? 0n);
  return inputTokens === undefined || inputTokens >= bound.usage.inputTokens ? undefined : inputTokens;
}
