import type { WatchAccountRequest, WatchAccountResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";
import type { AccountChanges } from "../domain/ports.ts";
import { findAccount } from "./find-account.ts";
import type { AccountSource } from "./find-account.ts";
import { accountToWire } from "./mappers.ts";

/**
 * Streams an account's state whenever it changes. The state is small and always sent whole, so a revision only has to
 * rise: it is the time in milliseconds, moved on by one where two fall together.
 */
export async function* handleWatchAccount(
  parts: AccountSource & { readonly changes: AccountChanges; readonly now: () => number },
  request: WatchAccountRequest,
  context: CallContext,
): AsyncGenerator<WatchAccountResponse, void, undefined> {
  const { id } = await findAccount(parts, request.accountId, context);
  let revision = BigInt(parts.now());
  yield { event: { $case: "snapshotStarted", value: {} } };
  for await (const state of parts.changes.states(id, context.signal)) {
    if (state !== "idle") {
      const nowMs = BigInt(parts.now());
      revision = nowMs > revision ? nowMs : revision + 1n;
      yield { event: { $case: "account", value: accountToWire(state) } };
    }
    yield { event: { $case: "synced", value: { revision } } };
  }
}
