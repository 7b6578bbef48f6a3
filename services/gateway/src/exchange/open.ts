import { randomUUID } from "node:crypto";
import type { Call, RateLimit, UsageRecord } from "@alfred/contracts";
import { type AlfredError, fail } from "@alfred/errors";
import { newId } from "@alfred/ids";
import type { CallContext } from "@alfred/rpc";
import { type Charge, NO_CHARGE } from "../domain/charge.ts";
import type { Admission } from "../domain/money-port.ts";
import { type Minting, identify } from "../domain/request-identity.ts";
import type { Route } from "../domain/route.ts";
import type { Holder } from "../stored/holder.ts";
import { draftRecord } from "../usage/record.ts";
import { payerOf, takeRate } from "./caller.ts";
import { Candidates } from "./candidates.ts";
import { type Charged, chargedPath, notPaid, requireOpen } from "./charged.ts";
import { type ChosenRoutes, chooseRoutes } from "./choose-routes.ts";
import { clampPlan, closerCharge } from "./closer.ts";
import { Exchange } from "./exchange.ts";
import { orMeant } from "./find-route.ts";
import type { ExchangeParts } from "./parts.ts";
import { type Plan, worstQuantities } from "./plan.ts";
import { shadowOrder, shadowRoutes } from "./shadow-order.ts";
import { recordSubject } from "./subject.ts";

/** The caller's deadline ends its call, and that the provider's; only what is read on after that has to be ended by itself. */
const BEHIND_CALLER_MS = 100;

export const MINTING: Minting = {
  requestId: () => newId("req"),
  nonce: () => randomUUID().slice(-12),
};

/** What was asked, validated. */
export interface Asked {
  readonly call: Call | undefined;
  readonly operation: string;
  /** The model as the client named it. */
  readonly model: string;
  /** Whether the answer is to be told as it comes. */
  readonly streamed?: boolean;
  /** Where what it goes on from is kept: it can go nowhere else. */
  readonly holder?: Holder | undefined;
  /**
   * @param limitTokens what each answer is to be cut to
   * @throws AlfredError INVALID_ARGUMENT, PRICE_UNKNOWN
   */
  plan(found: Route, limitTokens?: bigint): Plan;
}

/**
 * Everything that a request passes before its provider is called, in the order in which it gets dearer: who pays, how
 * often, which model, where it is served, what it can cost, whether that is there.
 *
 * @throws AlfredError UNAVAILABLE, OVERLOADED, RATE_LIMITED, MODEL_NOT_ALLOWED, MODEL_NOT_FOUND, PRICE_UNKNOWN and what
 * the money says
 */
export async function openExchange(parts: ExchangeParts, asked: Asked, context: CallContext): Promise<Exchange> {
  try {
    return await open(parts, asked, context);
  } catch (error) {
    parts.metrics.requestEnded(asked.operation, reasonOf(error));
    throw error;
  }
}

async function open(parts: ExchangeParts, asked: Asked, context: CallContext): Promise<Exchange> {
  parts.feeds.requireSynced();
  const payer = payerOf(context.principal);
  const startMs = parts.now();
  const { shadowing } = parts;
  const rateLimit = shadowing === undefined ? await takeRate(parts.limiter, payer.key, startMs) : undefined;
  const deadlineMs = Math.min(context.deadline + BEHIND_CALLER_MS, startMs + parts.requestTimeoutMs);
  parts.gate.enter();
  try {
    const chosen = shadowing === undefined ? chooseRoutes(parts, asked, payer, startMs) : shadowRoutes(parts, shadowing, asked, payer, startMs);
    requireOpen(parts.feeds, chosen, chosen.arm?.experiment ?? "");
    const candidates = new Candidates(chosen.routes, asked.plan);
    return await admit(parts, { ...chosen, asked, payer, plan: candidates.first(), candidates, rateLimit, deadlineMs, context });
  } catch (error) {
    parts.gate.leave();
    throw orMeant(parts.feeds, payer.key, asked.model, error, new Date(startMs));
  }
}

interface Opening extends Charged, Pick<ChosenRoutes, "rule" | "arm" | "shadow"> {
  readonly asked: Asked;
  /** What is asked of the first candidate. */
  readonly plan: Plan;
  readonly candidates: Candidates;
  readonly rateLimit: RateLimit | undefined;
  readonly deadlineMs: number;
  readonly context: CallContext;
}

async function admit(parts: ExchangeParts, opening: Opening): Promise<Exchange> {
  const { asked: { operation }, payer, account, rule, arm, candidates, rateLimit, deadlineMs, context: { signal } } = opening;
  const call = callOf(parts, opening.asked);
  const identity = identify(call, { keyId: payer.key.id, operation }, opening.plan.asked, MINTING);
  const { scope: id, fingerprint } = identity;
  const { worst, least } = opening.plan;
  const startMs = parts.now();
  // Cut to what is left, it is another plan from then on.
  let { plan } = opening;
  const shorter = async (denial: AlfredError): Promise<Charge | undefined> => {
    const clamped = await clampPlan(parts, opening, denial);
    plan = clamped?.plan ?? plan;
    return clamped?.worst;
  };
  const draft = ({ nanos: costNanos }: Charge, repetition: number): UsageRecord => {
    const quantities = worstQuantities(plan);
    return draftRecord(recordSubject({ identity, payer, account, plan, rule, arm, call }, repetition), { hold: 0, quantities, costNanos, startMs });
  };
  const tighter = (): Promise<Charge | undefined> => closerCharge(parts, opening.plan);
  const isRepeatable = fingerprint !== "";
  const path = chargedPath(opening);
  const admission = await parts.money.admit({ id, isRepeatable, path, fingerprint, worst, least, tighter, shorter, draft, signal }).catch((error: unknown) => {
    throw account === undefined ? error : notPaid(error, arm?.experiment ?? "");
  });
  await refuseAbsent(parts, admission, signal);
  parts.shadowing?.admitted();
  const shadow = shadowOf(parts, opening, identity.requestId);
  return new Exchange(parts, { identity, call, payer, account, rule, arm, plan, candidates, admission, rateLimit, signal, deadlineMs, shadow });
}

/** A copy is a request of its own, whatever the one that it is a copy of is called. */
function callOf({ shadowing }: ExchangeParts, { call }: Asked): Call | undefined {
  return call === undefined || shadowing === undefined ? call : { ...call, requestId: "", idempotent: false };
}

/** Begins the shadow of a request; undefined where it has none. */
function shadowOf(parts: ExchangeParts, { shadow, rule, arm, context }: Opening, requestId: string): (() => void) | undefined {
  const { again, shadows, metrics } = parts;
  if (shadow === undefined || again === undefined) return undefined;
  const order = shadowOrder({ shadow, rule, arm }, requestId);
  return () => (order === undefined ? metrics.shadowEnded("dropped", "UNAVAILABLE") : shadows.start(parts, again, order, context));
}

/** Gives the money back where the caller went away while it was asked for. */
async function refuseAbsent({ money }: ExchangeParts, admission: Admission, signal: AbortSignal): Promise<void> {
  if (!signal.aborted) return;
  await money.settle(admission, NO_CHARGE);
  throw fail("CANCELLED", "The caller ended the call.");
}

function reasonOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "INTERNAL";
}
