/** A directory on a database of its own, called through real sockets. */
import { randomBytes, randomUUID } from "node:crypto";

import { ConfigServiceService, DirectoryServiceService } from "@alfred/contracts";
import { InProcessBus } from "@alfred/nats";
import type { AuditEvent } from "@alfred/nats";
import { createClient, socketTransport } from "@alfred/rpc";
import type { Client } from "@alfred/rpc";
import { createLogger, createRegistry } from "@alfred/telemetry";
import type { MetricRegistry } from "@alfred/telemetry";
import { Client as Postgres } from "pg";

import { createDirectoryService } from "../src/index.ts";
import type { DirectoryConfig, DirectoryService, Upstream } from "../src/index.ts";

/** The clients of one caller. */
export interface Caller {
  readonly directory: Client<typeof DirectoryServiceService>;
  readonly config: Client<typeof ConfigServiceService>;
}

/** A running directory. */
export interface DirectoryRig extends AsyncDisposable {
  readonly service: DirectoryService;
  readonly databaseUrl: string;
  readonly registry: MetricRegistry;
  /** Lines that were logged. */
  readonly logged: readonly string[];
  /** Events that left the outbox, in order. */
  readonly events: readonly AuditEvent[];
  /** Calls with this token. */
  as(token: string): Caller;
}

export const ROOT_KEY = `sk-alfred-root-${"r".repeat(32)}`;
export const SERVICE_TOKEN = `service-${"s".repeat(32)}`;

/** A configuration with a root key, and nothing to seed. */
export function configuration(changes: Partial<DirectoryConfig> = {}): DirectoryConfig {
  return {
    host: "127.0.0.1",
    port: 0,
    masterKey: randomBytes(32),
    rootKey: ROOT_KEY,
    serviceToken: SERVICE_TOKEN,
    demo: { key: undefined, budgetNanos: 10_000_000_000n },
    upstreams: [],
    file: undefined,
    ...changes,
  };
}

/** The simulator as the environment gives it. */
export function simulatorAt(port: number): Upstream {
  return {
    id: "simulator",
    kind: "openai",
    baseUrl: `http://127.0.0.1:${port}/v1`,
    secret: "",
    priceBook: "openai",
    region: "",
    apiVersion: "",
    variables: ["ALFRED_SIMULATOR_URL"],
    isStandIn: true,
  };
}

/** Makes an empty database on the server that DATABASE_URL names; returns its URL. */
export async function emptyDatabase(): Promise<string> {
  const server = process.env["DATABASE_URL"];
  if (server === undefined) throw new Error("DATABASE_URL must name a Postgres server: run the tests with `npm test`.");
  const name = `directory_${randomUUID().replaceAll("-", "")}`;
  await sql(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

/** Runs one statement on a connection of its own, in the directory's schema; returns the rows. */
export async function sql(url: string, text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = new Postgres({ connectionString: url, options: "-c search_path=directory" });
  await client.connect();
  try {
    const result = await client.query<Record<string, unknown>>(text, values);
    return result.rows;
  } finally {
    await client.end();
  }
}

/** Starts a directory on this database. */
export async function startDirectory(
  databaseUrl: string,
  config: DirectoryConfig = configuration(),
): Promise<DirectoryRig> {
  await using cleanup = new AsyncDisposableStack();
  const logged: string[] = [];
  const events: AuditEvent[] = [];
  const log = createLogger({
    name: "directory",
    level: "debug",
    destination: { write: (line) => void logged.push(line) },
  });
  const registry = createRegistry();
  const bus = cleanup.use(new InProcessBus({ log }));
  cleanup.use(bus.consume((event) => Promise.resolve(void events.push(event))));
  const service = cleanup.use(
    await createDirectoryService(config, { databaseUrl, bus, log, registry }),
  );
  const { port } = await service.start();
  const transport = cleanup.use(socketTransport({ address: `127.0.0.1:${port}` }));
  const as = (token: string): Caller => ({
    directory: createClient(DirectoryServiceService, transport, { token }),
    config: createClient(ConfigServiceService, transport, { token }),
  });
  const stop = cleanup.move();
  return { service, databaseUrl, registry, logged, events, as, [Symbol.asyncDispose]: () => stop.disposeAsync() };
}

/** A new id for a mutation. */
export function newRequest(): string {
  return randomUUID();
}

/** What a call fails with. */
export async function failureOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => undefined,
    (error: unknown) => error,
  );
}
