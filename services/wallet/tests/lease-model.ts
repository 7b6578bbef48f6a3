import { deepEqual, equal, ok } from "node:assert/strict";
import { isFailure } from "@alfred/errors";
import type { AccountPath, LeaseRecord, LeaseSettlement } from "@alfred/contracts";
import { newId } from "@alfred/ids";
import { recordOf, settlementOf, TestGateway } from "./test-gateway.ts";
import { balanceOf, limit, pathOf, Period, Unit } from "./wallet-rig.ts";
import type { RunningWallet, WalletClient, WalletRig } from "./wallet-rig.ts";

/** A record as its gateway's journal has it, from before it is first sent. */
interface ModelRecord {
  readonly number: number;
  readonly key: number;
  readonly worst: bigint;
  readonly cost: bigint;
  /** What was sent of it so far, by and by. */
  wasIndeterminate: boolean;
  wasActual: boolean;
}

interface ModelLease {
  readonly id: string;
  readonly key: number;
  readonly credit: bigint;
  readonly owner: TestGateway;
  readonly records: Map<number, ModelRecord>;
  isConcluded: boolean;
  isLost: boolean;
}

type Choice = { readonly gateway: number; readonly wallet: number };

const KEYS = ["a", "b", "c"];

/**
 * What two gateways did, kept apart from the wallet. What is posted in the end depends on what was sent alone, never on
 * the order in which it came; and nothing is granted that a limit does not allow.
 */
export class LeaseModel implements AsyncDisposable {
  readonly #rig: WalletRig;
  readonly #wallets: readonly [RunningWallet, RunningWallet];
  readonly #clients: readonly [WalletClient, WalletClient];
  readonly #paths: readonly AccountPath[];
  readonly #organisationId: string;
  readonly #gateways: TestGateway[];
  readonly #streams: TestGateway[] = [];
  readonly #leases: ModelLease[] = [];
  /** The highest that each account's limit ever was. */
  readonly #highest: Map<string, bigint>;
  readonly #lost = new Set<TestGateway>();
  #running: Array<Promise<void>> = [];

  private constructor(rig: WalletRig, wallets: readonly [RunningWallet, RunningWallet], clients: readonly [WalletClient, WalletClient], gateways: TestGateway[], organisationId: string) {
    this.#rig = rig;
    this.#wallets = wallets;
    this.#clients = clients;
    this.#gateways = gateways;
    this.#streams.push(...gateways);
    this.#organisationId = organisationId;
    this.#paths = KEYS.map((key) => pathOf(organisationId, key, { team: [limit(300n)], organisation: [limit(400n)], ...(key === "a" ? { key: [limit(150n)] } : {}) }));
    this.#highest = new Map([[`${organisationId}_team`, 300n], [organisationId, 400n], [`${organisationId}_key_a`, 150n]]);
  }

  static async create(rig: WalletRig, wallets: readonly [RunningWallet, RunningWallet], organisationId: string): Promise<LeaseModel> {
    const clients = [wallets[0].client(), wallets[1].client()] as const;
    const gateways = [await TestGateway.hello(clients[0]), await TestGateway.hello(clients[1])];
    const model = new LeaseModel(rig, wallets, clients, gateways, organisationId);
    // Opens the accounts: whoever asks for one that is not there waits for the directory's news of it.
    for (const path of model.#paths) await gateways[0]?.settle(settlementOf(`${organisationId}_none`, path));
    return model;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.#running);
    await Promise.all(this.#streams.map((stream) => stream[Symbol.asyncDispose]()));
  }

  /** Begins a step and lets it run; at most eight at the same time. */
  async begin(step: (model: LeaseModel) => Promise<void>): Promise<void> {
    if (this.#running.length >= 8) await this.join();
    this.#running.push(step(this));
  }

  async join(): Promise<void> {
    const running = this.#running;
    this.#running = [];
    await Promise.all(running);
  }

  async acquire({ gateway, wallet, key, minimum, extra, waitMs }: Choice & { key: number; minimum: number; extra: number; waitMs: number }): Promise<void> {
    const owner = this.#gateway(gateway);
    const wait = { seconds: 0n, nanos: waitMs * 1_000_000 };
    const request = owner.acquireRequest(this.#path(key), BigInt(minimum + extra), BigInt(minimum), { wait });
    try {
      // The answer may be lost: the same id asks the other wallet for the same lease.
      const { lease } = await this.#client(wallet).acquireLease(request);
      const again = await this.#client(1 - wallet).acquireLease(request);
      deepEqual({ id: again.lease?.id, replayed: again.replayed }, { id: lease?.id, replayed: true });
      this.#keep(lease?.id ?? "", { key, credit: lease?.credit[0]?.value ?? 0n, owner });
    } catch (error) {
      if (!["INSUFFICIENT_QUOTA", "BUDGET_HELD", "GATEWAY_SUPERSEDED"].some((reason) => isFailure(error, reason as "BUDGET_HELD"))) throw error;
    }
  }

  #keep(id: string, { key, credit, owner }: Pick<ModelLease, "key" | "credit" | "owner">): void {
    // Whatever was granted to a start whose journal is lost is in suspense for good.
    this.#leases.push({ id, key, credit, owner, records: new Map(), isConcluded: false, isLost: this.#lost.has(owner) });
  }

  /** Admits one more record, for any key that the lease's account is above, and settles it. */
  async spend(input: Choice & { lease: number; key: number; worst: number; cost: number; isIndeterminate: boolean }): Promise<void> {
    const lease = this.#lease(input.lease);
    // A start that was replaced admits nothing.
    if (lease === undefined || lease.isConcluded || !this.#gateways.includes(lease.owner)) return;
    const number = lease.records.size + 1;
    // A lease that hangs on its key is spent by that key alone.
    const key = lease.key === 0 ? 0 : Math.max(input.key, 1);
    const record: ModelRecord = { number, key, worst: BigInt(input.worst), cost: BigInt(input.cost), wasIndeterminate: false, wasActual: false };
    lease.records.set(number, record);
    await this.#settle(input.wallet, lease, [this.#send(record, input.isIndeterminate)]);
  }

  /** Sends all records of a lease once more, those of unknown cost now with it. */
  async repeat({ wallet, lease: index, isReversed }: Choice & { lease: number; isReversed: number }): Promise<void> {
    const lease = this.#lease(index);
    if (lease === undefined) return;
    const records = [...lease.records.values()].map((record) => this.#send(record, false));
    await this.#settle(wallet, lease, isReversed === 1 ? records.toReversed() : records);
  }

  /** Says how many records there are, before all of them may have come; half of the time with the ceiling first. */
  async conclude({ wallet, lease: index }: Choice & { lease: number }): Promise<void> {
    const lease = this.#lease(index);
    if (lease === undefined) return;
    lease.isConcluded = true;
    const records = [...lease.records.values()].map((record) => this.#send(record, false));
    const finalCount = BigInt(lease.records.size);
    await Promise.all([this.#settle(wallet, lease, [], { finalCount }), this.#settle(1 - wallet, lease, records)]);
  }

  async expire(wallet: number): Promise<void> {
    this.#rig.clock.advance(50_000);
    await (this.#wallets[wallet] ?? this.#wallets[0]).service.sweep();
  }

  async restart({ gateway, wallet, isIntact }: Choice & { isIntact: boolean }): Promise<void> {
    const before = this.#gateway(gateway);
    const leases = this.#leases.filter(({ owner }) => owner.id === before.id);
    const leaseIds = leases.filter(({ records }) => records.size > 0).map(({ id }) => id);
    const earlier = this.#streams.filter(({ id }) => id === before.id);
    const next = await before.restart({ intact: isIntact, leaseIds }, this.#client(wallet));
    this.#streams.push(next);
    // Of two restarts at once the second does not follow the present start, and changes nothing.
    if (next.supersededBy !== undefined) return;
    this.#gateways[gateway] = next;
    if (isIntact) return;
    for (const start of earlier) this.#lost.add(start);
    for (const lease of this.#leases) if (this.#lost.has(lease.owner)) lease.isLost = true;
  }

  async greetAgain({ gateway, wallet }: Choice): Promise<void> {
    const { id: gatewayId, startId, incarnation } = this.#gateway(gateway);
    const again = await TestGateway.hello(this.#client(wallet), { gatewayId, startId, replaces: newId("start"), intact: false });
    this.#streams.push(again);
    if (again.supersededBy === undefined) equal(again.incarnation, incarnation);
    else ok(this.#streams.some((stream) => stream.startId === again.supersededBy));
  }

  async setLimit({ wallet, account, hard }: { wallet: number; account: number; hard: number }): Promise<void> {
    const accountId = this.#accounts()[account] ?? this.#organisationId;
    const of = { accountId, unit: Unit.UNIT_USD, period: Period.PERIOD_NONE };
    const change = { requestId: newId("req"), ...of, hard: BigInt(hard), soft: undefined, clamp: false };
    const highest = this.#highest.get(accountId);
    // What is held by an account that was not limited until now may be more than its first limit.
    if (highest !== undefined) this.#highest.set(accountId, max(highest, change.hard));
    await this.#client(wallet).setLimit(change);
  }

  /** What is posted is what was sent, record by record; and no limit was ever passed but by what no hold covered. */
  async verify(): Promise<void> {
    for (const accountId of this.#accounts()) {
      const balance = await balanceOf(this.#clients[0], accountId);
      deepEqual({ accountId, posted: balance.posted }, { accountId, posted: this.#posted(accountId) });
      const highest = this.#highest.get(accountId);
      if (highest === undefined) continue;
      const committed = balance.posted + balance.held + balance.suspense - balance.overrun;
      ok(committed <= highest, `${accountId} has ${committed} committed, and its limit was never above ${highest}`);
    }
  }

  /** Replays every journal to its end: nothing is held then, and what is in suspense is of lost journals alone. */
  async rest(): Promise<void> {
    for (const gateway of [0, 1]) await this.restart({ gateway, wallet: gateway, isIntact: true });
    for (const lease of this.#leases) {
      const records = [...lease.records.values()].map((record) => this.#send(record, false));
      await this.#settle(0, lease, records, { finalCount: BigInt(records.length) });
    }
    await this.verify();
    const { held, suspense } = await balanceOf(this.#clients[1], this.#organisationId);
    equal(held, 0n);
    if (this.#lost.size === 0) equal(suspense, 0n);
  }

  #posted(accountId: string): bigint {
    const records = this.#leases.flatMap(({ records: each }) => [...each.values()]);
    const own = records.filter(({ key }) => this.#path(key).accounts.some(({ id }) => id === accountId));
    return own.reduce((sum, { worst, cost, wasActual, wasIndeterminate }) => sum + (wasActual ? cost : wasIndeterminate ? worst : 0n), 0n);
  }

  #send(record: ModelRecord, isIndeterminate: boolean): LeaseRecord {
    if (isIndeterminate) record.wasIndeterminate = true;
    else record.wasActual = true;
    const { number, key, worst, cost } = record;
    return recordOf(this.#path(key), number, isIndeterminate ? worst : cost, worst, isIndeterminate);
  }

  async #settle(wallet: number, { id, key, owner }: ModelLease, records: LeaseRecord[], changes: Partial<LeaseSettlement> = {}): Promise<void> {
    const settlement = settlementOf(id, this.#path(key), { paths: key === 0 ? [this.#path(0)] : this.#paths.slice(1), records, ...changes });
    const { id: gatewayId, incarnation } = owner;
    await this.#client(wallet).settleUsage({ gatewayId, incarnation, settlements: [settlement] });
  }

  #accounts(): string[] {
    return [...KEYS.map((key) => `${this.#organisationId}_key_${key}`), `${this.#organisationId}_team`, this.#organisationId];
  }

  #lease(index: number): ModelLease | undefined {
    return this.#leases.length === 0 ? undefined : this.#leases[index % this.#leases.length];
  }

  #gateway(index: number): TestGateway {
    const gateway = this.#gateways[index];
    if (gateway === undefined) throw new RangeError(`there is no gateway ${index}`);
    return gateway;
  }

  #path(key: number): AccountPath {
    const path = this.#paths[key];
    if (path === undefined) throw new RangeError(`there is no key ${key}`);
    return path;
  }

  #client(index: number): WalletClient {
    return this.#clients[index] ?? this.#clients[0];
  }
}

function max(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}
