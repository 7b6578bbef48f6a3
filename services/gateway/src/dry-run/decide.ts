import { type AppliedRouteRule, DryRunResponse } from "@alfred/contracts";
import { AlfredError, isFailure } from "@alfred/errors";
import { newId } from "@alfred/ids";
import type { CallContext } from "@alfred/rpc";
import { type Payer, payerOf, takeRate } from "../exchange/caller.ts";
import { requireOpen } from "../exchange/charged.ts";
import { mayBeServedElsewhere } from "../exchange/candidates.ts";
import { type ChosenRoutes, chooseRoutes } from "../exchange/choose-routes.ts";
import type { Asked } from "../exchange/open.ts";
import type { ExchangeParts } from "../exchange/parts.ts";
import type { Plan } from "../exchange/plan.ts";
import { type Planned, candidateOf, costAll, detailOf, planAll } from "./candidate.ts";
import { tryHold } from "./hold.ts";

/**
 * What would become of a request, in the order in which that is decided, up to the first thing that refuses it. It takes one
 * of the key's requests per minute, and its place among the requests under way: it is work, and the more the more
 * candidates there are.
 *
 * @throws AlfredError INVALID_ARGUMENT, ROLE_INSUFFICIENT, OVERLOADED, UNAVAILABLE
 */
export async function dryRun(parts: ExchangeParts, asked: Asked, context: CallContext): Promise<DryRunResponse> {
  parts.feeds.requireSynced();
  const payer = payerOf(context.principal);
  const { operation, model: requestedModel, streamed = false } = asked;
  const { priceRevision } = parts.feeds;
  const base = DryRunResponse.create({ requestId: newId("req"), operation, requestedModel, streamed, priceRevision });
  try {
    const rateLimit = await takeRate(parts.limiter, payer.key, parts.now());
    parts.gate.enter();
    try {
      return { ...base, rateLimit, ...(await decide(parts, asked, payer, context.signal)) };
    } finally {
      parts.gate.leave();
    }
  } catch (error) {
    if (!isFailure(error, "RATE_LIMITED")) throw error;
    return { ...base, refusal: detailOf(error) };
  }
}

type Decision = Partial<DryRunResponse>;

async function decide(parts: ExchangeParts, asked: Asked, payer: Payer, signal: AbortSignal): Promise<Decision> {
  const nowMs = parts.now();
  const chosen = choose(parts, asked, payer, nowMs);
  if (chosen instanceof AlfredError) return { modelAllowed: isAllowed(chosen), routeRule: denyingRule(chosen), refusal: detailOf(chosen) };
  const { routes, rule: routeRule, arm, account } = chosen;
  const all = planAll(asked, routes);
  const candidates = (await costAll(parts, all)).map((each) => candidateOf(parts, each, nowMs));
  const told = { modelAllowed: true, routeRule, arm, candidates, moreCandidates: routes.length - all.length };
  const plan = firstPlan(all);
  if (plan instanceof AlfredError) return { ...told, refusal: detailOf(plan) };
  const { hold, denial } = await tryHold(parts, { asked, payer, account, arm, plan }, signal);
  const { upstream: { id: provider }, model } = plan.route;
  if (denial !== undefined) return { ...told, hold, refusal: detailOf(denial) };
  return { ...told, hold, provider, model, admitted: true };
}

/** What says nothing of the request. */
const PASSING: ReadonlySet<string> = new Set(["UNAVAILABLE", "INVALID_ARGUMENT"]);

function choose(parts: ExchangeParts, asked: Asked, payer: Payer, nowMs: number): ChosenRoutes | AlfredError {
  try {
    const chosen = chooseRoutes(parts, asked, payer, nowMs);
    requireOpen(parts.feeds, chosen, chosen.arm?.experiment ?? "");
    return chosen;
  } catch (error) {
    if (error instanceof AlfredError && !PASSING.has(error.code)) return error;
    throw error;
  }
}

/** A rule may deny what the lists allow; whether they allow what nobody serves was looked at before. */
function isAllowed({ code, metadata }: AlfredError): boolean {
  return code !== "MODEL_NOT_ALLOWED" || metadata["rule"] !== undefined;
}

function denyingRule({ metadata: { rule: id, rule_version: version } }: AlfredError): AppliedRouteRule | undefined {
  return id === undefined ? undefined : { id, version: BigInt(version ?? 0) };
}

/** As candidates are taken: the first that can serve the request, or what the first of all says. @throws AlfredError INVALID_ARGUMENT */
export function firstPlan(all: readonly Planned[]): Plan | AlfredError {
  const [first] = all;
  if (first === undefined) throw new RangeError("There is no candidate.");
  if ("error" in first && !mayBeServedElsewhere(first.error)) throw first.error;
  const plan = all.map((planned) => ("plan" in planned ? planned.plan : undefined)).find((each) => each !== undefined);
  return plan ?? ("error" in first ? first.error : first.plan);
}
