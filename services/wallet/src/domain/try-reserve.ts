import type { Amount } from "./amount.ts";
import { unitsOf } from "./amount.ts";
import { Draft } from "./draft.ts";
import { findPause } from "./failover.ts";
import { isFromHouse } from "./identity.ts";
import type { Operation } from "./operation.ts";
import type { Outcome } from "./refusal.ts";
import type { LeaseResult, Reserve } from "./reserve.ts";
import { reserveFirst } from "./reserve.ts";
import { startsOf } from "./window.ts";

/** What of an account's holds is given back beforehand. */
export interface Returned {
  readonly accountId: string;
  readonly amounts: readonly Amount[];
}

/**
 * What `reserve` would answer now to a request that was never asked before, were these amounts given back first: decided
 * like that, on a draft of which nothing stays. Accounts not yet known count as they would be opened, but under an
 * organisation that is known.
 */
export function tryReserve(command: Reserve, returned: readonly Returned[]): Operation<LeaseResult> {
  const { path, amounts } = command;
  return {
    needs: { grants: true, organisationId: path.organisationId, accountIds: path.accounts.map(({ id }) => id), units: unitsOf(amounts) },
    decide: (draft, nowMs) => findPause(draft, nowMs) ?? decide(new Draft(draft), command, returned, nowMs),
  };
}

function decide(draft: Draft, command: Reserve, returned: readonly Returned[], nowMs: number): Outcome<LeaseResult> {
  const { identity, path: { organisationId } } = command;
  const starts = startsOf(draft.windows(organisationId, nowMs));
  for (const { accountId, amounts } of returned) {
    for (const { unit, value } of amounts) draft.book([accountId], starts, unit, { held: -value });
  }
  return reserveFirst(draft, command, nowMs, isFromHouse(identity) && draft.account(organisationId) !== undefined);
}
