import { randomBytes } from "node:crypto";
import { AccountKind, Balance, LeaseState, Period, Unit, WalletServiceService } from "@alfred/contracts";
import type { Account, AccountPath, Amount, Limit, PathAccount, ReserveRequest } from "@alfred/contracts";
import { newId } from "@alfred/ids";
import { InProcessBus } from "@alfred/nats";
import type { AuditEvent } from "@alfred/nats";
import { createPool } from "@alfred/postgres";
import type { DatabasePool } from "@alfred/postgres";
import { createClient, socketTransport } from "@alfred/rpc";
import type { Client } from "@alfred/rpc";
import { createLogger, createRegistry } from "@alfred/telemetry";
import type { Logger, MetricRegistry } from "@alfred/telemetry";
import { createWalletService } from "../src/index.ts";
import type { WalletConfig, WalletService } from "../src/index.ts";
import { FakeDirectory } from "./fake-directory.ts";

export type WalletClient = Client<typeof WalletServiceService>;

const SERVICE_TOKEN = "service-token-of-the-wallet-tests-01";

/** A clock that a test sets. */
export class TestClock {
  nowMs: number;

  constructor(start: string) {
    this.nowMs = Date.parse(start);
  }

  readonly now = (): number => this.nowMs;

  set(instant: string): void {
    this.nowMs = Date.parse(instant);
  }

  advance(ms: number): void {
    this.nowMs += ms;
  }
}

/** One process of the wallet on a socket of its own. */
export interface RunningWallet {
  readonly service: WalletService;
  readonly registry: MetricRegistry;
  readonly port: number;
  /** A client for the bearer of a token; a peer service unless stated. */
  client(token?: string): WalletClient;
}

/** A database of its own on the real server, a directory, and as many wallets as a test starts. */
export class WalletRig implements AsyncDisposable {
  readonly log: Logger;
  readonly directory: FakeDirectory;
  /** Looks at the books as the wallet itself may. */
  readonly pool: DatabasePool;
  /** May do anything, as an operator of the server. */
  readonly operator: DatabasePool;
  readonly events: AuditEvent[] = [];
  readonly clock: TestClock;
  readonly #databaseUrl: string;
  readonly #stack: AsyncDisposableStack;

  private constructor(databaseUrl: string, clock: TestClock, stack: AsyncDisposableStack) {
    this.log = createLogger({ name: "test", level: "silent" });
    this.#databaseUrl = databaseUrl;
    this.#stack = stack;
    this.clock = clock;
    this.pool = stack.use(createPool({ url: databaseUrl, schema: "wallet", role: "alfred_wallet", log: this.log }));
    this.operator = stack.use(createPool({ url: databaseUrl, schema: "wallet", role: new URL(databaseUrl).username, log: this.log }));
    this.directory = stack.use(new FakeDirectory(this.log));
  }

  static async create(start = "2026-03-10T12:00:00Z"): Promise<WalletRig> {
    const stack = new AsyncDisposableStack();
    return new WalletRig(await createDatabase(stack), new TestClock(start), stack);
  }

  async startWallet(changes: Partial<WalletConfig> = {}): Promise<RunningWallet> {
    // Sweeps happen when a test says so.
    const own = { host: "127.0.0.1", port: 0, serviceToken: SERVICE_TOKEN };
    const config = { ...own, maxBatch: 300, maxQueue: 10_000, sweepEveryMs: 60_000, leaseTtlMs: 30_000, leaseGraceMs: 15_000, ...changes };
    const bus = new InProcessBus({ log: this.log });
    bus.consume((event) => Promise.resolve(void this.events.push(event)));
    const registry = createRegistry();
    const { clock, log, directory } = this;
    const parts = { databaseUrl: this.#databaseUrl, bus, directory: directory.transport, log, registry };
    this.#stack.use(bus);
    const service = this.#stack.use(await createWalletService(config, { ...parts, now: clock.now }));
    const { port } = await service.start();
    const client = (token = SERVICE_TOKEN): WalletClient =>
      createClient(WalletServiceService, this.#stack.use(socketTransport({ address: `127.0.0.1:${port}` })), { token });
    return { service, registry, port, client };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack[Symbol.asyncDispose]();
  }
}

async function createDatabase(stack: AsyncDisposableStack): Promise<string> {
  const server = process.env["DATABASE_URL"];
  if (server === undefined) throw new Error("DATABASE_URL is not set: these tests need a Postgres server; `npm test` starts one.");
  const log = createLogger({ name: "test", level: "silent" });
  const name = `wallet_${randomBytes(6).toString("hex")}`;
  const owner = new URL(server).username;
  const admin = stack.use(createPool({ url: server, schema: "public", role: owner, log }));
  await admin.query(`CREATE DATABASE ${name}`);
  stack.defer(async () => void (await admin.query(`DROP DATABASE ${name} WITH (FORCE)`)));
  return Object.assign(new URL(server), { pathname: `/${name}` }).href;
}

export function usd(value: bigint): Amount {
  return { unit: Unit.UNIT_USD, value };
}

/** A dollar limit; of no period unless stated. */
export function limit(hard: bigint, period: Period = Period.PERIOD_NONE): Limit {
  return { unit: Unit.UNIT_USD, period, hard, clamp: false };
}

export type Limits = Readonly<Partial<Record<"key" | "team" | "organisation", Limit[]>>>;

/** A key in a team of an organisation. */
export function pathOf(organisationId: string, key = "a", limits: Limits = {}, timeZone = ""): AccountPath {
  const account = (id: string, kind: AccountKind, initialLimits: Limit[] = []): PathAccount => ({ id, kind, initialLimits });
  return {
    organisationId,
    timeZone,
    accounts: [
      account(`${organisationId}_key_${key}`, AccountKind.ACCOUNT_KIND_KEY, limits.key),
      account(`${organisationId}_team`, AccountKind.ACCOUNT_KIND_TEAM, limits.team),
      account(organisationId, AccountKind.ACCOUNT_KIND_ORGANISATION, limits.organisation),
    ],
  };
}

export function reserveRequest(path: AccountPath, value: bigint, changes: Partial<ReserveRequest> = {}): ReserveRequest {
  return { requestId: newId("req"), path, amounts: [usd(value)], ttl: { seconds: 60n, nanos: 0 }, fingerprint: "", gatewayId: "", incarnation: 0n, validateOnly: false, returned: [], ...changes };
}

export function settleRequest(reservationId: string, organisationId: string, value: bigint, requestId: string = newId("req")): Parameters<WalletClient["settle"]>[0] {
  return { requestId, reservationId, organisationId, amounts: [usd(value)] };
}

/** Reserves and answers the reservation's id. */
export async function reserved(client: WalletClient, path: AccountPath, value: bigint): Promise<string> {
  const { reservation } = await client.reserve(reserveRequest(path, value));
  return reservation?.id ?? "";
}

export async function accountOf(client: WalletClient, accountId: string): Promise<Account> {
  const { account } = await client.getAccount({ accountId });
  if (account === undefined) throw new Error(`no account ${accountId}`);
  return account;
}

/** The dollars of an account in one window; all zero where nothing was limited or used. */
export async function balanceOf(client: WalletClient, accountId: string, period: Period = Period.PERIOD_NONE): Promise<Balance> {
  const { balances } = await accountOf(client, accountId);
  const found = balances.find((balance) => balance.unit === Unit.UNIT_USD && balance.period === period);
  return found ?? Balance.create({ unit: Unit.UNIT_USD, period });
}

export { AccountKind, LeaseState, Period, Unit };
