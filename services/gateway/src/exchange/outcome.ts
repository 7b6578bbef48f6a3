import { AttemptOutcome, type MeterQuantity, type ModelPrice, type TokenUsage, UsageSource } from "@alfred/contracts";
import type { AlfredError } from "@alfred/errors";
import { costOf } from "@alfred/money";
import { isOfAnswer } from "../domain/answer-pace.ts";
import { type Charge, NO_CHARGE, tokensOf } from "../domain/charge.ts";
import type { StreamedText } from "../domain/streamed-text.ts";
import { countedQuantities, quantitiesOf, secondsOf } from "../domain/usage.ts";
import { estimateAnswer, estimatePrompt } from "../tokens/estimate.ts";
import type { Tokenizer } from "../tokens/tokenizer.ts";
import { type Plan, worstQuantities } from "./plan.ts";

/** What an attempt used and costs. */
export interface Consumption {
  readonly quantities: readonly MeterQuantity[];
  readonly source: UsageSource;
  readonly charge: Charge;
}

/** What an attempt used that no provider bills. */
export const NOTHING_CONSUMED: Consumption = { quantities: [], source: UsageSource.USAGE_SOURCE_NONE, charge: NO_CHARGE };

/**
 * What was used: as the provider reports it, else the prompt and what was said, counted here.
 * @param mostAnswer no answer is counted longer than this, in tokens
 * @param measured what the provider told of other meters than tokens
 */
export async function consumption(
  tokenizer: Tokenizer,
  plan: Plan,
  usage: TokenUsage | undefined,
  said: StreamedText,
  mostAnswer = plan.bound.usage.outputTokens,
  measured?: readonly MeterQuantity[],
): Promise<Consumption> {
  const reported = reportOf(plan, usage, measured);
  if (reported !== undefined) return priced(plan, reported, UsageSource.USAGE_SOURCE_REPORTED);
  try {
    return priced(plan, await count(tokenizer, plan, said, mostAnswer), UsageSource.USAGE_SOURCE_ESTIMATED);
  } catch {
    return indeterminate(plan);
  }
}

/**
 * What was used of an answer that did not come to its end: of prompt and answer each the larger of what the provider had
 * reported by then and what is counted here, since more may have been streamed after the report.
 */
export async function brokenConsumption(
  tokenizer: Tokenizer,
  plan: Plan,
  usage: TokenUsage | undefined,
  said: StreamedText,
  mostAnswer?: bigint,
): Promise<Consumption> {
  const counted = await consumption(tokenizer, plan, undefined, said, mostAnswer);
  // Of the prompt alone, as a stream tells it at its beginning, it counts too.
  const reported = plan.bound.usage.beside === undefined ? usage && quantitiesOf(usage, false, mostOf(plan)) : undefined;
  if (reported === undefined) return counted;
  const isLess = [isAnswers, isOfPrompt].map((isOf) => tokensOf(reported.filter(isOf)) < tokensOf(counted.quantities.filter(isOf)));
  if (!isLess.includes(true)) return priced(plan, reported, UsageSource.USAGE_SOURCE_REPORTED);
  const [ofAnswer, ofPrompt] = isLess.map((less) => (less ? counted.quantities : reported));
  const larger = [...(ofPrompt ?? []).filter(isOfPrompt), ...(ofAnswer ?? []).filter(isAnswers), ...reported.filter(isOfRequest)];
  return priced(plan, larger, counted.source);
}

/** What the provider reported, as its price counts it; undefined where that cannot be. */
function reportOf(plan: Plan, usage: TokenUsage | undefined, measured: readonly MeterQuantity[] | undefined): readonly MeterQuantity[] | undefined {
  const { bound } = plan;
  const { beside } = bound.usage;
  if (beside !== undefined) {
    const told = measured ?? measuredBy(usage, beside);
    return told && [...told, ONE_REQUEST];
  }
  return usage && quantitiesOf(usage, bound.answers !== undefined, mostOf(plan));
}

/** What a usage tells of other meters than tokens, where it is priced by it. */
function measuredBy(usage: TokenUsage | undefined, beside: readonly MeterQuantity[]): MeterQuantity[] | undefined {
  const seconds = usage && secondsOf(usage);
  return seconds !== undefined && beside.some(({ meter }) => meter === seconds.meter) ? [seconds] : undefined;
}

const ONE_REQUEST: MeterQuantity = { meter: "requests", quantity: 1n };

/** For models whose context is not known: as much as the largest in common use take. */
const UNKNOWN_CONTEXT_TOKENS = 1_048_576n;
/** A provider's context may be larger than what is known of it, and what it searches is read, too: but not without end. */
const MOST_TIMES = 4n;

/** What a request like this one can have used: who reports more is mistaken. */
function mostOf({ bound, price }: Plan): bigint {
  return mostTokensOf(bound.usage.inputTokens + bound.usage.outputTokens, price);
}

/** The tokens that an answer can have taken, of which so many were asked for. */
export function mostTokensOf(asked: bigint, { contextWindow: context = UNKNOWN_CONTEXT_TOKENS }: Pick<ModelPrice, "contextWindow">): bigint {
  return MOST_TIMES * (asked > context ? asked : context);
}

/** The usage that the client sees: the provider's own where it counts, else what was counted here. */
export function shownUsage(plan: Plan, { source, quantities }: Consumption, usage: TokenUsage | undefined): TokenUsage | undefined {
  return source === UsageSource.USAGE_SOURCE_REPORTED ? usage : tokenUsageOf(plan, quantities);
}

function isAnswers({ meter }: MeterQuantity): boolean {
  return isOfAnswer(meter);
}

/** What is counted otherwise than in tokens, as the call itself. */
function isOfRequest({ meter }: MeterQuantity): boolean {
  return !meter.endsWith("_tokens");
}

function isOfPrompt(quantity: MeterQuantity): boolean {
  return !isAnswers(quantity) && !isOfRequest(quantity);
}

/** What cannot be counted is charged at its worst case, so that nothing goes uncharged. */
function indeterminate(plan: Plan): Consumption {
  return { quantities: worstQuantities(plan), source: UsageSource.USAGE_SOURCE_INDETERMINATE, charge: plan.worst };
}

/** No count of ours is above what the request can use at all. */
async function count(tokenizer: Tokenizer, plan: Plan, said: StreamedText, mostAnswer: bigint): Promise<MeterQuantity[]> {
  const { route, bound, knownTokens, estimates } = plan;
  if (bound.usage.beside !== undefined) return [...(estimates ?? []), ONE_REQUEST];
  const prompt = knownTokens ?? (await estimatePrompt(tokenizer, route.model, plan.prompt(), bound.mediaTokens));
  const answer = await estimateAnswer(tokenizer, route.model, said);
  const { inputTokens } = bound.usage;
  const counted = countedQuantities(prompt < inputTokens ? prompt : inputTokens, answer < mostAnswer ? answer : mostAnswer);
  return estimates === undefined ? counted : instead(counted, estimates);
}

/** The estimates in place of what they are of, prompt or answer. */
function instead(counted: readonly MeterQuantity[], estimates: readonly MeterQuantity[]): MeterQuantity[] {
  const isOf = [isAnswers, isOfPrompt].filter((each) => estimates.some(each));
  return [...counted.filter((quantity) => !isOf.some((each) => each(quantity))), ...estimates];
}

function priced(plan: Plan, quantities: readonly MeterQuantity[], source: UsageSource): Consumption {
  // A meter without a price cannot be charged as nothing, so the worst case stands for it.
  const nanos = costOf(plan.price, quantities) ?? plan.worst.nanos;
  return { quantities, source, charge: { nanos, tokens: tokensOf(quantities) } };
}

/** Counted usage in OpenAI's terms, for an answer whose provider reported none. */
function tokenUsageOf(plan: Plan, quantities: readonly MeterQuantity[]): TokenUsage {
  const of = (meter: string): bigint => quantities.find((each) => each.meter === meter)?.quantity ?? 0n;
  const promptTokens = of("input_tokens");
  const completionTokens = of("output_tokens");
  return {
    promptTokens,
    completionTokens: plan.bound.answers === undefined ? undefined : completionTokens,
    totalTokens: promptTokens + completionTokens,
    promptTokensDetails: undefined,
    completionTokensDetails: undefined,
    extra: {},
  };
}

/** How an attempt that ended with this error ended. */
export function outcomeOf(error: AlfredError, hasBegun: boolean): AttemptOutcome {
  if (error.code === "CANCELLED" || error.code === "DEADLINE_EXCEEDED") return AttemptOutcome.ATTEMPT_OUTCOME_CANCELLED;
  const isBroken = hasBegun || error.code === "PROVIDER_STREAM_BROKEN";
  return isBroken ? AttemptOutcome.ATTEMPT_OUTCOME_BROKEN : AttemptOutcome.ATTEMPT_OUTCOME_FAILED;
}
