import { hash } from "node:crypto";
import { AttemptOutcome, DirectoryServiceService, Key, MeteringServiceService, Role, Unit, UsageRecord, UsageSource, type WatchKeysResponse } from "@alfred/contracts";
import { isFailure } from "@alfred/errors";
import { type AuditEvent, InProcessBus } from "@alfred/nats";
import { checkHealth, type Client as RpcClient, createClient, createServer, implement, servicePrincipal, socketTransport } from "@alfred/rpc";
import { createLogger, createRegistry, type MetricRegistry } from "@alfred/telemetry";
import { Client } from "pg";
import { createMeteringService, type MeteringService } from "../src/index.ts";

/** Secrets of the callers that every test knows: two tenants, root and a peer. */
const SECRETS = {
  service: "token-of-the-services-00000000000000",
  root: "key-of-root-000000000000000000000000",
  admin: "key-of-the-administrator-00000000000",
  user: "key-of-a-user-0000000000000000000000",
  other: "key-of-another-tenant-00000000000000",
} as const;
export type Caller = keyof typeof SECRETS;

const KEYS: Readonly<Record<Exclude<Caller, "service">, Partial<Key>>> = {
  root: { id: "key_root", role: Role.ROLE_ROOT },
  admin: { id: "key_admin", role: Role.ROLE_ADMIN, organisationId: "org_1" },
  user: { id: "key_1", role: Role.ROLE_USER, organisationId: "org_1" },
  other: { id: "key_other", role: Role.ROLE_ADMIN, organisationId: "org_2" },
};

const log = createLogger({ name: "metering-test", level: "silent" });

export type MeteringClient = RpcClient<typeof MeteringServiceService>;

/** What may differ between test services. */
export interface TestOptions {
  readonly pricesFile?: string;
  /** A database that another test service uses already. */
  readonly databaseUrl?: string;
  readonly now?: () => number;
}

/** Metering on a socket, with a database of its own and a directory that knows the callers. */
export class TestMetering implements AsyncDisposable {
  readonly registry: MetricRegistry = createRegistry();
  /** The events that left the outbox so far. */
  readonly events: AuditEvent[] = [];
  databaseUrl = "";
  readonly #stack = new AsyncDisposableStack();
  #address = "";
  #service: MeteringService | undefined;

  static async start(options: TestOptions = {}): Promise<TestMetering> {
    const test = new TestMetering();
    try {
      await test.#start(options);
      return test;
    } catch (error) {
      await test[Symbol.asyncDispose]();
      throw error;
    }
  }

  client(caller: Caller): MeteringClient {
    const transport = this.#stack.use(socketTransport({ address: this.#address }));
    return createClient(MeteringServiceService, transport, { token: SECRETS[caller], timeoutMs: 20_000 });
  }

  /** Whether health says SERVING. */
  isServing(): Promise<boolean> {
    return checkHealth(this.#stack.use(socketTransport({ address: this.#address })));
  }

  /** Runs SQL beside the service, as its role. */
  async sql<Row extends object>(text: string): Promise<Row[]> {
    const client = new Client({ connectionString: this.databaseUrl, options: "-c search_path=metering" });
    await client.connect();
    try {
      return (await client.query<Row>(text)).rows;
    } finally {
      await client.end();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  async #start({ pricesFile, databaseUrl, now }: TestOptions): Promise<void> {
    this.databaseUrl = databaseUrl ?? (await this.#createDatabase());
    const bus = this.#stack.use(new InProcessBus({ log }));
    this.#stack.use(bus.consume(async (event) => void this.events.push(event)));
    const directory = this.#stack.use(fakeDirectory());
    const config = { host: "127.0.0.1", port: 0, serviceToken: SECRETS.service, pricesFile };
    const parts = { databaseUrl: this.databaseUrl, bus, directory: directory.transport, log, registry: this.registry };
    this.#service = this.#stack.use(await createMeteringService(config, now === undefined ? parts : { ...parts, now }));
    const { port } = await this.#service.start();
    this.#address = `127.0.0.1:${port}`;
    await this.#service.ready;
  }

  async #createDatabase(): Promise<string> {
    const url = new URL(requiredUrl());
    const name = `metering_${crypto.randomUUID().replaceAll("-", "")}`;
    await asServer(`CREATE DATABASE ${name}`);
    this.#stack.defer(() => asServer(`DROP DATABASE ${name} WITH (FORCE)`));
    url.pathname = name;
    return url.href;
  }
}

/** A record of one attempt; what is not said is plausible. */
export function record(id: string, partial: Partial<UsageRecord> = {}): UsageRecord {
  const organisationId = partial.organisationId ?? "org_1";
  const keyId = partial.keyId ?? "key_1";
  return {
    ...UsageRecord.create(),
    recordId: `${id}/1`,
    requestId: id,
    organisationId,
    keyId,
    userId: "user_1",
    teamId: "team_1",
    path: [keyId, "user_1", "team_1", organisationId],
    operation: "chat",
    requestedModel: "gpt-4o-mini",
    provider: "openai",
    model: "gpt-4o-mini",
    quantities: [{ meter: "input_tokens", quantity: 100n }, { meter: "output_tokens", quantity: 10n }],
    source: UsageSource.USAGE_SOURCE_REPORTED,
    cost: { unit: Unit.UNIT_USD, value: 21_000n },
    outcome: AttemptOutcome.ATTEMPT_OUTCOME_ANSWERED,
    startTime: new Date("2026-11-20T10:30:00Z"),
    endTime: new Date("2026-11-20T10:30:01Z"),
    firstByteMs: 240n,
    outputTokensPerSecond: 51.125,
    ...partial,
  };
}

/** The reason of a refusal; a call that is not refused fails the test. */
export async function refusal(call: Promise<unknown>): Promise<{ code: string; message: string; metadata: Readonly<Record<string, string>> }> {
  try {
    await call;
  } catch (error) {
    if (isFailure(error)) return { code: error.code, message: error.message, metadata: error.metadata };
    throw error;
  }
  throw new Error("the call was not refused");
}

/** A server of WatchKeys alone, on the real protocol. */
function fakeDirectory(): ReturnType<typeof createServer> {
  const { watchKeys } = DirectoryServiceService;
  const binding = implement({ watchKeys }, { watchKeys: (_request, { signal }) => allKeys(signal) });
  return createServer({ name: "directory", bindings: [binding], authenticate: servicePrincipal, log });
}

async function* allKeys(signal: AbortSignal): AsyncGenerator<WatchKeysResponse> {
  yield { event: { $case: "snapshotStarted", value: {} } };
  for (const [caller, key] of Object.entries(KEYS) as [keyof typeof KEYS, Partial<Key>][]) {
    yield { event: { $case: "key", value: { key: { ...Key.create(), ...key }, secretSha256: hash("sha256", SECRETS[caller], "buffer") } } };
  }
  yield { event: { $case: "synced", value: { revision: 1n } } };
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => resolve(), { once: true });
  await promise;
}

async function asServer(statement: string): Promise<void> {
  const client = new Client({ connectionString: requiredUrl() });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

function requiredUrl(): string {
  const url = process.env["DATABASE_URL"];
  if (url === undefined || url === "") throw new Error("DATABASE_URL names no Postgres: run the tests with `npm test`, which starts one");
  return url;
}
