import { setTimeout as delay } from "node:timers/promises";
import { Period, Unit, WalletServiceService } from "@alfred/contracts";
import { isFailure } from "@alfred/errors";
import { newId } from "@alfred/ids";
import { createClient, type Transport } from "@alfred/rpc";

/** The demo and the way to its money. */
export interface DemoBudget {
  readonly wallet: Transport;
  readonly serviceToken: string;
  /** The demo key, if there is a demo, and the budget of its organisation for all time, in nano-dollars. */
  readonly demo: { readonly key: string | undefined; readonly budgetNanos: bigint };
}

const GIVE_UP_MS = 20_000;
const PAUSE_MS = 20;

/**
 * Sets the demo organisation's budget, at each start anew; what was spent stays
 * spent. Keys reach the wallet by a stream, so it is asked until it knows them.
 */
export async function applyDemoBudget({ wallet, serviceToken, demo }: DemoBudget): Promise<void> {
  const { key: token, budgetNanos: hard } = demo;
  if (token === undefined) return;
  const client = createClient(WalletServiceService, wallet, {});
  const self = await eventually(() => client.getAccount({ accountId: "self" }, { token }));
  const accountId = self.account?.organisationId ?? "";
  const limit = { requestId: newId("req"), accountId, unit: Unit.UNIT_USD, period: Period.PERIOD_NONE, hard, clamp: false };
  await client.setLimit(limit, { token: serviceToken });
}

/** The answer, once the service has heard of who asks and what for. */
async function eventually<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  const giveUpAt = Date.now() + GIVE_UP_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const mayCome = isFailure(error, "KEY_INVALID") || isFailure(error, "NOT_FOUND") || isFailure(error, "UNAVAILABLE");
      if (!mayCome || Date.now() > giveUpAt) throw error;
      await delay(PAUSE_MS);
    }
  }
}
