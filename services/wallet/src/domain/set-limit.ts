import type { AccountState } from "./account.ts";
import { limitOf, withLimit } from "./account.ts";
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

/** Sets, changes or, without `hard`, removes a limit. */
export interface SetLimit {
  readonly identity: Identity;
  readonly origin: Origin;
  readonly organisationId: string;
  readonly accountId: string;
  readonly unit: Unit;
  readonly period: Period;
  readonly hard: bigint | undefined;
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
  const { identity, origin, organisationId, accountId, unit, period, hard } = command;
  const before = draft.account(accountId);
  if (before?.organisationId !== organisationId) return unknownAccount(accountId);
  const hardBefore = limitOf(before, unit, period)?.hard;
  const after = withLimit(before, unit, period, hard);
  if (hardBefore !== hard) {
    const change: LimitChange = { accountId, unit, period, hardBefore, hardAfter: hard };
    draft.changeLimit(after, change);
    draft.tell({ organisationId, origin, occurTimeMs: nowMs, payload: { type: "limit_changed", change } });
  }
  const state = accountState(after, draft.windows(organisationId, nowMs), (key) => draft.balance(key));
  draft.remember(identity, { type: "account", state });
  return done(state);
}
