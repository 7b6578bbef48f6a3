import { randomUUID } from "node:crypto";
import {
  AccountKind,
  type AccountPath,
  AcquireLeaseRequest,
  LeaseSettlement,
  Limit,
  type PathAccount,
  Period,
  SettleUsageRequest,
  Unit,
  WalletServiceService,
  WatchLeasesRequest,
} from "../../../packages/contracts/src/index.ts";
import { type Client, createClient, socketTransport } from "../../../packages/rpc/src/index.ts";

const TIMEOUT_MS = 30_000;
const WELCOME_TIMEOUT_MS = 10_000;
/** So high that nothing is refused. */
const LIMIT = 10n ** 15n;
const COST_NANOS = 1_000n;
const COST_TOKENS = 10n;
/** Requests that one lease pays for. */
const WORST_CASES = 5n;

/** Credit that was granted. */
export interface BenchLease {
  readonly id: string;
  readonly path: AccountPath;
}

/** A gateway as the wallet sees one: it says hello, acquires, and settles; no requests stand behind it. */
export class BenchGateway implements AsyncDisposable {
  readonly #wallet: Client<typeof WalletServiceService>;
  readonly #transport: AsyncDisposable;
  readonly #stopped = new AbortController();
  readonly #id = `gw_${randomUUID()}`;
  #incarnation = 0n;
  #acquires = 0;

  private constructor(address: string, token: string) {
    const transport = socketTransport({ address });
    this.#transport = transport;
    this.#wallet = createClient(WalletServiceService, transport, { token, timeoutMs: TIMEOUT_MS });
  }

  static async start(address: string, token: string): Promise<BenchGateway> {
    const gateway = new BenchGateway(address, token);
    const welcomed = Promise.withResolvers<void>();
    void gateway.#watch(welcomed.resolve).catch(welcomed.reject);
    const late = AbortSignal.timeout(WELCOME_TIMEOUT_MS);
    late.addEventListener("abort", () => welcomed.reject(new Error("The wallet does not welcome the bench.")), { once: true });
    await welcomed.promise;
    return gateway;
  }

  /** Credit for five requests in two units. */
  async acquire(path: AccountPath): Promise<BenchLease> {
    this.#acquires += 1;
    const { lease } = await this.#wallet.acquireLease(AcquireLeaseRequest.fromPartial({
      requestId: `${this.#id}/${this.#incarnation}/${this.#acquires}`,
      gatewayId: this.#id,
      incarnation: this.#incarnation,
      path,
      demands: [
        { unit: Unit.UNIT_USD, wanted: WORST_CASES * COST_NANOS, minimum: COST_NANOS },
        { unit: Unit.UNIT_TOKENS, wanted: WORST_CASES * COST_TOKENS, minimum: COST_TOKENS },
      ],
    }));
    if (lease === undefined) throw new Error("The wallet granted nothing.");
    return { id: lease.id, path };
  }

  /** Settles leases for good, each with so many records, in one call. */
  async settle(leases: readonly BenchLease[], records: number): Promise<void> {
    const settlements = leases.map(({ id, path }) => settlementOf(id, path, records));
    await this.#wallet.settleUsage(SettleUsageRequest.create({ gatewayId: this.#id, incarnation: this.#incarnation, settlements }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped.abort();
    await this.#transport[Symbol.asyncDispose]();
  }

  async #watch(welcomed: () => void): Promise<void> {
    const hello = WatchLeasesRequest.create({ gatewayId: this.#id, startId: randomUUID(), intact: true });
    try {
      for await (const { event } of this.#wallet.watchLeases(hello, { signal: this.#stopped.signal })) {
        if (event?.$case !== "welcome") continue;
        this.#incarnation = event.value.incarnation;
        welcomed();
      }
    } catch (error) {
      if (!this.#stopped.signal.aborted) throw error;
    }
  }
}

/** Keys with limits of their own, in a team and an organisation with limits, the organisations in turn. */
export function benchPaths(keys: number, organisations: number): AccountPath[] {
  const run = randomUUID().slice(0, 8);
  return Array.from({ length: keys }, (_, key) => {
    const organisationId = `org_${run}_${key % organisations}`;
    return {
      organisationId,
      timeZone: "",
      accounts: [
        limited(`key_${run}_${key}`, AccountKind.ACCOUNT_KIND_KEY),
        limited(`team_${run}_${key % organisations}`, AccountKind.ACCOUNT_KIND_TEAM),
        limited(organisationId, AccountKind.ACCOUNT_KIND_ORGANISATION),
      ],
    };
  });
}

function limited(id: string, kind: AccountKind): PathAccount {
  return { id, kind, initialLimits: [limit(Period.PERIOD_DAY), limit(Period.PERIOD_NONE)] };
}

function limit(period: Period): Limit {
  return Limit.fromPartial({ unit: Unit.UNIT_USD, period, hard: LIMIT });
}

function settlementOf(leaseId: string, path: AccountPath, records: number): LeaseSettlement {
  const amounts = [{ unit: Unit.UNIT_USD, value: COST_NANOS }, { unit: Unit.UNIT_TOKENS, value: COST_TOKENS }];
  return LeaseSettlement.fromPartial({
    leaseId,
    paths: [path],
    records: Array.from({ length: records }, (_, index) => ({
      number: BigInt(index + 1), accountId: path.accounts[0]?.id ?? "", worst: amounts, cost: amounts,
    })),
    finalCount: BigInt(records),
    grantTime: new Date(),
  });
}
