import type { Account, AccountState, Limit } from "./account.ts";
import { isLimited, limitOf, withLimit } from "./account.ts";
import type { Unit } from "./amount.ts";
import { UNITS } from "./amount.ts";
import type { Draft } from "./draft.ts";
import type { LimitChange, Origin } from "./event.ts";
import type { Identity } from "./identity.ts";
import { once } from "./once.ts";
import { unknownAccount, unlikeAnswer } from "./open-account.ts";
import type { Operation } from "./operation.ts";
import type { Outcome } from "./refusal.ts";
import { done } from "./refusal.ts";
import { accountState } from "./standing.ts";
import type { Period } from "./window.ts";

/** Sets or changes a limit; removes it where neither `hard` nor `soft` is set. `soft` is at most `hard`; `clamp` needs `hard`. */
export interface SetLimit {
  readonly identity: Identity;
  readonly origin: Origin;
  readonly organisationId: string;
  readonly accountId: string;
  readonly unit: Unit;
  readonly period: Period;
  readonly hard: bigint | undefined;
  readonly soft: bigint | undefined;
  readonly clamp: boolean;
}

/** Takes any limit, also one below what is used: what was used in the present window counts against it. */
export function setLimit(command: SetLimit): Operation<AccountState> {
  const { identity, organisationId, accountId } = command;
  return {
    needs: { identity, organisationId, accountIds: [accountId, organisationId], units: UNITS },
    decide: (draft, nowMs) =>
      once(draft, identity, {
        first: () => setFirst(draft, command, nowMs),
        again: (answer) => (answer.type === "account" ? done(answer.state) : unlikeAnswer(identity)),
      }),
  };
}

function setFirst(draft: Draft, command: SetLimit, nowMs: number): Outcome<AccountState> {
  const { identity, origin, organisationId, accountId, unit, period, hard, soft, clamp } = command;
  const before = draft.account(accountId);
  if (before?.organisationId !== organisationId) return unknownAccount(accountId);
  const after = withLimit(before, { unit, period, hard, soft, clamp });
  const change = changeBetween(before, after, { unit, period });
  if (change !== undefined) {
    draft.changeLimit(after, change);
    reviseLimits(draft, before, after, change);
    draft.tell({ organisationId, origin, occurTimeMs: nowMs, payload: { type: "limit_changed", change } });
  }
  const state = accountState(after, draft.windows(organisationId, nowMs), (key) => draft.balance(key));
  draft.remember(identity, { type: "account", state });
  return done(state);
}

function changeBetween(one: Account, other: Account, { unit, period }: Pick<Limit, "unit" | "period">): LimitChange | undefined {
  const [before, after] = [limitOf(one, unit, period), limitOf(other, unit, period)];
  const change: LimitChange = {
    accountId: one.id,
    unit,
    period,
    hardBefore: before?.hard,
    hardAfter: after?.hard,
    softBefore: before?.soft,
    softAfter: after?.soft,
    clampBefore: before?.clamp ?? false,
    clampAfter: after?.clamp ?? false,
  };
  const { hardBefore, hardAfter, softBefore, softAfter, clampBefore, clampAfter } = change;
  const isSame = hardBefore === hardAfter && softBefore === softAfter && clampBefore === clampAfter;
  return isSame ? undefined : change;
}

/**
 * Asks back what is open under a limit that is lower now, so that it holds as soon as gateways hear of it. Tells the gateways where what was denied may fit now, or leases hang on other accounts. Where an account is limited
 * for the first time, those that hang above it come back: what they spend below it is not held there.
 */
function reviseLimits(draft: Draft, before: Account, after: Account, { unit, hardBefore, hardAfter }: LimitChange): void {
  const [wasLimited, isNow] = [isLimited(before, unit), isLimited(after, unit)];
  const isRaised = hardBefore !== undefined && (hardAfter === undefined || hardAfter > hardBefore);
  if (wasLimited !== isNow || isRaised) draft.reviseLimits(after.organisationId, wasLimited !== isNow);
  if (isNow && !wasLimited) draft.recallAbove(after.id);
  const isLower = hardAfter !== undefined && (hardBefore === undefined || hardAfter < hardBefore);
  if (isLower) draft.recall(after.id);
}
