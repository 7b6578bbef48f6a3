import { type DryRunHold, HoldSource } from "@alfred/contracts";
import type { AlfredError } from "@alfred/errors";
import type { Charge } from "../domain/charge.ts";
import type { Considered } from "../domain/money-port.ts";
import { type Charged, cannotPay, chargedPath } from "../exchange/charged.ts";
import type { ChosenRoutes } from "../exchange/choose-routes.ts";
import { clampPlan, closerCharge } from "../exchange/closer.ts";
import type { Asked } from "../exchange/open.ts";
import type { ExchangeParts } from "../exchange/parts.ts";
import type { Plan } from "../exchange/plan.ts";
import { usd } from "../exchange/receipt.ts";
import { detailOf } from "./candidate.ts";

/** What would be held, and what was said to that. */
export interface HoldTrial {
  readonly hold: DryRunHold;
  readonly denial: AlfredError | undefined;
}

/** What is to be held, and by whom. */
interface Trial extends Charged, Pick<ChosenRoutes, "arm"> {
  readonly asked: Asked;
  readonly plan: Plan;
}

/** Tries the hold for a plan as it would be tried: the worst case, the prompt counted, the answer cut; and holds nothing. */
export async function tryHold(parts: ExchangeParts, { asked, plan, arm, ...charged }: Trial, signal: AbortSignal): Promise<HoldTrial> {
  let limitTokens: bigint | undefined;
  const { worst, least } = plan;
  const shorter = async (denial: AlfredError): Promise<Charge | undefined> => {
    const clamped = await clampPlan(parts, { plan, asked }, denial);
    limitTokens = clamped?.plan.isClamped === true ? clamped.plan.bound.answers?.limitTokens : undefined;
    return clamped?.worst;
  };
  const considered = await parts.money.consider({ path: chargedPath(charged), worst, least, tighter: () => closerCharge(parts, plan), shorter, signal });
  const { denial } = considered;
  if (charged.account === undefined) return { hold: holdOf(considered, limitTokens), denial };
  // What another has is not the caller's to know.
  const shown = { ...considered, denial: denial && cannotPay(denial, arm?.experiment ?? ""), remainingNanos: undefined, warnings: [] };
  return { hold: holdOf(shown, limitTokens), denial: shown.denial };
}

function holdOf({ by, charge, isClamped, denial, remainingNanos, warnings }: Considered, limitTokens: bigint | undefined): DryRunHold {
  return {
    granted: denial === undefined,
    cost: usd(charge.nanos),
    tokens: charge.tokens,
    source: by === "lease" ? HoldSource.HOLD_SOURCE_LEASE : HoldSource.HOLD_SOURCE_WALLET,
    denial: denial && detailOf(denial),
    clampedToTokens: isClamped ? limitTokens : undefined,
    remaining: usd(remainingNanos),
    warnings: [...warnings],
  };
}
