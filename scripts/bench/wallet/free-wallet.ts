// The wallet of a mesh whose budgets are off, a process of its own: grants whatever is asked for, remembers nothing.
// node scripts/bench/wallet/free-wallet.ts <service token>
import { setTimeout as delay } from "node:timers/promises";
import {
  AcquireLeaseResponse,
  LeaseState,
  SettleUsageResponse,
  WalletServiceService,
  WatchLeasesResponse,
} from "../../../packages/contracts/src/index.ts";
import { fail } from "../../../packages/errors/src/index.ts";
import { createServer, implement, KeyRing } from "../../../packages/rpc/src/index.ts";
import { createLogger, createRegistry } from "../../../packages/telemetry/src/index.ts";

const HOUR_S = 3_600n;
const QUIET_MS = 2_000;
/** What is granted for each part that is asked for. */
const GENEROSITY = 1_000_000n;

const refuse = (): never => {
  throw fail("UNAVAILABLE", "Budgets are off.");
};
let leases = 0;

const binding = implement(WalletServiceService, {
  watchLeases: async function* watchLeases(_request, { signal }) {
    yield WatchLeasesResponse.fromPartial({ event: { $case: "welcome", value: { incarnation: 1n } } });
    while (!signal.aborted) {
      await delay(QUIET_MS, undefined, { signal }).catch(() => undefined);
      yield WatchLeasesResponse.fromPartial({ event: { $case: "quiet", value: {} } });
    }
  },
  acquireLease: ({ path, gatewayId, demands }) => {
    leases += 1;
    const organisationId = path?.organisationId ?? "";
    const credit = demands.map(({ unit, wanted }) => ({ unit, value: wanted * GENEROSITY }));
    const lease = { id: `lease_free_${leases}`, organisationId, accountId: organisationId, gatewayId, incarnation: 1n, state: LeaseState.LEASE_STATE_OPEN, credit, held: credit, createTime: new Date() };
    return Promise.resolve(AcquireLeaseResponse.fromPartial({ lease, ttl: { seconds: HOUR_S } }));
  },
  settleUsage: ({ settlements }) => {
    const settled = settlements.map(({ leaseId, finalCount }) => ({ leaseId, state: finalCount === undefined ? LeaseState.LEASE_STATE_OPEN : LeaseState.LEASE_STATE_CLOSED }));
    return Promise.resolve(SettleUsageResponse.fromPartial({ leases: settled }));
  },
  reserve: refuse, settle: refuse, refund: refuse, listSuspense: refuse, closeLease: refuse, verifyLedger: refuse,
  createAccount: refuse, getAccount: refuse, setLimit: refuse, listTransfers: refuse, watchAccount: refuse,
});

const keys = new KeyRing({ serviceToken: process.argv[2] ?? "", now: Date.now });
const server = createServer({
  name: "wallet", bindings: [binding], authenticate: keys.authenticate, now: Date.now, registry: createRegistry(),
  log: createLogger({ name: "free wallet", level: "warn" }),
});
const port = await server.listen("127.0.0.1", 0);
server.setServing(true);
process.send?.({ port });
process.on("disconnect", () => process.exit(0));
