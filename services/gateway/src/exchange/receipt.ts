import { type Amount, type Receipt, Unit } from "@alfred/contracts";
import type { Settlement } from "../domain/money-port.ts";
import type { AttemptLog } from "./attempt-log.ts";
import type { Consumption } from "./outcome.ts";
import type { CutReason, ExchangeSubject } from "./subject.ts";

/** What a request cost, and who answered it. */
export function receiptOf(
  { identity: { requestId }, plan: { route }, rule: routeRule, arm, account }: ExchangeSubject,
  log: AttemptLog,
  { source }: Consumption,
  { remainingNanos, warnings }: Settlement,
  cutReason: CutReason,
): Receipt {
  const { upstream: { id: provider }, model } = route;
  return {
    requestId, provider, model, cutReason, routeRule, arm,
    cost: { unit: Unit.UNIT_USD, value: log.costNanos },
    // What another has is not the caller's to know.
    remaining: account === undefined ? usd(remainingNanos) : undefined,
    attempts: log.calls,
    // Of one alone all is said by the rest.
    attemptsDetail: log.calls > 1 ? log.told : [],
    usageSource: source,
    warnings: account === undefined ? [...warnings] : [],
  };
}

/** Nano-dollars as an amount, where they are known. */
export function usd(nanos: bigint | undefined): Amount | undefined {
  return nanos === undefined ? undefined : { unit: Unit.UNIT_USD, value: nanos };
}
