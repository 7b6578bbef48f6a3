import type { AccountPath, AcquireLeaseRequest, AcquireLeaseResponse, Amount, LeaseRecord, LeaseSettlement, SettledLease, WatchLeasesRequest, WatchLeasesResponse } from "@alfred/contracts";
import { newId } from "@alfred/ids";
import { usd } from "./wallet-rig.ts";
import type { WalletClient } from "./wallet-rig.ts";

export interface Hello {
  readonly gatewayId?: string;
  readonly startId?: string;
  readonly replaces?: string;
  readonly intact?: boolean;
  readonly leaseIds?: string[];
}

/** A gateway as the wallet sees it: its stream, kept open until it is disposed of, and its calls. */
export class TestGateway implements AsyncDisposable {
  readonly id: string;
  readonly startId: string;
  readonly client: WalletClient;
  incarnation = 0n;
  /** Set where another start holds the name. */
  supersededBy: string | undefined;
  /** Why the stream ended, where it did not by itself. */
  endedWith: unknown;
  readonly recalled = new Set<string>();
  readonly revisions: Array<{ readonly organisationId: string; readonly revision: bigint }> = [];
  readonly #leave = new AbortController();
  #reading: Promise<void> = Promise.resolve();

  private constructor(client: WalletClient, id: string, startId: string) {
    this.client = client;
    this.id = id;
    this.startId = startId;
  }

  /** Says hello and waits for the answer; as a gateway never seen, with a start of its own, unless stated. */
  static async hello(client: WalletClient, hello: Hello = {}): Promise<TestGateway> {
    const { gatewayId = newId("gw"), startId = newId("start"), replaces = "", intact = true, leaseIds = [] } = hello;
    const gateway = new TestGateway(client, gatewayId, startId);
    await gateway.#open({ gatewayId, startId, replaces, intact, leaseIds });
    return gateway;
  }

  /** The next start of this gateway, through a wallet that may be another one. */
  async restart(hello: Hello = {}, client = this.client): Promise<TestGateway> {
    return TestGateway.hello(client, { gatewayId: this.id, replaces: this.startId, ...hello });
  }

  async acquire(path: AccountPath, wanted: bigint, minimum = wanted, changes: Partial<AcquireLeaseRequest> = {}): Promise<AcquireLeaseResponse> {
    return this.client.acquireLease(this.acquireRequest(path, wanted, minimum, changes));
  }

  acquireRequest(path: AccountPath, wanted: bigint, minimum = wanted, changes: Partial<AcquireLeaseRequest> = {}): AcquireLeaseRequest {
    const [{ unit }] = [usd(0n)];
    const demands = [{ unit, wanted, minimum }];
    const wait = { seconds: 0n, nanos: 0 };
    return { requestId: newId("acq"), gatewayId: this.id, incarnation: this.incarnation, path, demands, wait, ...changes };
  }

  /** Acquires and answers the lease's id. */
  async lease(path: AccountPath, wanted: bigint, minimum = wanted): Promise<string> {
    const { lease } = await this.acquire(path, wanted, minimum);
    return lease?.id ?? "";
  }

  async settle(...settlements: LeaseSettlement[]): Promise<SettledLease[]> {
    const { leases } = await this.client.settleUsage({ gatewayId: this.id, incarnation: this.incarnation, settlements });
    return leases;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#leave.abort();
    await this.#reading;
  }

  async #open(request: WatchLeasesRequest): Promise<void> {
    const events = this.client.watchLeases(request, { signal: this.#leave.signal })[Symbol.asyncIterator]();
    const first = await events.next();
    if (first.done === true) throw new Error("the wallet said nothing");
    this.#take(first.value);
    this.#reading = this.#read(events);
  }

  async #read(events: AsyncIterator<WatchLeasesResponse>): Promise<void> {
    try {
      for (let next = await events.next(); next.done !== true; next = await events.next()) this.#take(next.value);
    } catch (error) {
      this.endedWith = error;
    }
  }

  #take({ event }: WatchLeasesResponse): void {
    if (event?.$case === "welcome") this.incarnation = event.value.incarnation;
    if (event?.$case === "superseded") this.supersededBy = event.value.startId;
    if (event?.$case === "recalled") for (const id of event.value.leaseIds) this.recalled.add(id);
    if (event?.$case === "limitsRevised") this.revisions.push(event.value);
  }
}

/** A record in dollars; its worst case is its cost unless stated. */
export function recordOf(path: AccountPath, number: number, cost: bigint, worst = cost, indeterminate = false): LeaseRecord {
  const amounts = (value: bigint): Amount[] => [usd(value)];
  return { number: BigInt(number), accountId: path.accounts[0]?.id ?? "", worst: amounts(worst), cost: amounts(cost), indeterminate };
}

export function settlementOf(leaseId: string, path: AccountPath, changes: Partial<LeaseSettlement> = {}): LeaseSettlement {
  return { leaseId, paths: [path], records: [], ceiling: undefined, finalCount: undefined, grantTime: undefined, ...changes };
}

/** All that was spent of a lease and nothing more: its records, and how many they are. */
export function finalOf(leaseId: string, path: AccountPath, records: readonly LeaseRecord[] = []): LeaseSettlement {
  return settlementOf(leaseId, path, { records: [...records], finalCount: BigInt(records.length) });
}

/** No more than this comes of a lease. */
export function ceilingOf(value: bigint): LeaseSettlement["ceiling"] {
  return { amounts: [usd(value)] };
}
