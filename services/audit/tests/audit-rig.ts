/**
 * An audit service on a database and a folder of its own, with a directory that knows two tenants, called through real
 * sockets.
 */
import { hash, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { AuditServiceService, DirectoryServiceService, Event, Role } from "@alfred/contracts";
import type { WatchKeysResponse } from "@alfred/contracts";
import { newId } from "@alfred/ids";
import { InProcessBus, JetStreamBus } from "@alfred/nats";
import type { AuditEvent, EventBus } from "@alfred/nats";
import { createClient, createServer, implement, KeyRing, socketTransport } from "@alfred/rpc";
import type { Client, Handlers, RpcServer } from "@alfred/rpc";
import { createLogger, createRegistry } from "@alfred/telemetry";
import type { Logger } from "@alfred/telemetry";
import { Client as Postgres } from "pg";

import { createAuditService } from "../src/index.ts";
import type { AuditService } from "../src/index.ts";

const SERVICE_TOKEN = `service-${"s".repeat(32)}`;
export const ROOT_KEY = `sk-alfred-root-${"r".repeat(32)}`;
/** Two tenants and an administrator's key of each. */
export const ACME = { id: "org_acme", key: `sk-alfred-acme-${"a".repeat(32)}` };
export const OTHER = { id: "org_other", key: `sk-alfred-other-${"o".repeat(32)}` };

type AuditClient = Client<typeof AuditServiceService>;

/** A running audit. */
export interface AuditRig extends AsyncDisposable {
  readonly service: AuditService;
  readonly bus: EventBus;
  readonly checkpointFolder: string;
  readonly logged: readonly string[];
  /** Calls with this token. */
  as(token: string): AuditClient;
}

/** Where an audit keeps what lasts. */
export interface AuditPlace {
  readonly databaseUrl: string;
  readonly checkpointFolder: string;
}

/** An empty database and an empty folder, removed with `cleanup`. */
export async function emptyPlace(cleanup: AsyncDisposableStack): Promise<AuditPlace> {
  const name = `audit_${randomUUID().replaceAll("-", "")}`;
  await sql(server("DATABASE_URL"), `CREATE DATABASE ${name}`);
  const url = new URL(server("DATABASE_URL"));
  url.pathname = `/${name}`;
  const checkpointFolder = await mkdtemp(join(tmpdir(), "alfred-audit-"));
  cleanup.defer(() => rm(checkpointFolder, { recursive: true, force: true }));
  cleanup.defer(async () => void (await sql(server("DATABASE_URL"), `DROP DATABASE ${name} WITH (FORCE)`)));
  return { databaseUrl: url.href, checkpointFolder };
}

/** The address of a real server. */
function server(variable: "DATABASE_URL" | "NATS_URL"): string {
  const url = process.env[variable];
  if (url === undefined) throw new Error(`${variable} must name a real server: run the tests with \`npm test\`.`);
  return url;
}

/** Runs one statement in audit's schema, as somebody who tampers with the database would; returns the rows. */
export async function sql(url: string, text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = new Postgres({ connectionString: url, options: "-c search_path=audit" });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text, values)).rows;
  } finally {
    await client.end();
  }
}

/** Starts an audit that reads events from within this process, unless another bus is given. */
export async function startAudit(place: AuditPlace, makeBus?: (log: Logger) => EventBus): Promise<AuditRig> {
  await using cleanup = new AsyncDisposableStack();
  const logged: string[] = [];
  const log = createLogger({ name: "audit", level: "info", destination: { write: (line) => void logged.push(line) } });
  const directory = cleanup.use(keyDirectory(log));
  const bus = cleanup.use(makeBus?.(log) ?? new InProcessBus({ log }));
  const config = { host: "127.0.0.1", port: 0, serviceToken: SERVICE_TOKEN, checkpointFolder: place.checkpointFolder };
  const parts = {
    databaseUrl: place.databaseUrl,
    bus,
    directory: directory.transport,
    log,
    registry: createRegistry(),
  };
  const service = cleanup.use(await createAuditService(config, parts));
  const { port } = await service.start();
  const transport = cleanup.use(socketTransport({ address: `127.0.0.1:${port}` }));
  const stop = cleanup.move();
  return {
    service,
    bus,
    checkpointFolder: place.checkpointFolder,
    logged,
    as: (token) => createClient(AuditServiceService, transport, { token }),
    [Symbol.asyncDispose]: () => stop.disposeAsync(),
  };
}

/** A bus over the real NATS, on a stream of the test's own. */
export function jetStreamBus(stream: string, log = quiet()): JetStreamBus {
  return new JetStreamBus({ url: server("NATS_URL"), name: "audit-test", log, stream, subject: stream.toLowerCase() });
}

/** An event as a service publishes it. */
export function eventOf(organisationId: string, sourceSeq: number, changes: Partial<AuditEvent> = {}): AuditEvent {
  const eventId = newId("evt");
  const occurTime = new Date(Date.UTC(2026, 0, 1, 0, 0, sourceSeq));
  const payload = {
    $case: "organisationCreated",
    value: { id: organisationId, name: `event ${sourceSeq}`, timeZone: "UTC", createTime: occurTime },
  } as const;
  const event = Event.create({
    eventId,
    organisationId,
    source: "directory",
    sourceSeq: BigInt(sourceSeq),
    occurTime,
    actor: "root",
    requestId: "r",
    payload,
  });
  const bytes = Event.encode(event).finish();
  return {
    eventId,
    organisationId,
    source: "directory",
    sourceSeq: BigInt(sourceSeq),
    type: "organisation_created",
    occurredAt: occurTime,
    bytes,
    ...changes,
  };
}

/** A log that nobody reads. */
function quiet(): Logger {
  return createLogger({ name: "test", level: "silent", destination: { write: () => undefined } });
}

/** What a call fails with. */
export async function failureOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** A directory that streams three keys and then stays quiet. */
function keyDirectory(log: Logger): RpcServer {
  const unserved = (): never => {
    throw new Error("audit asks the directory for keys only");
  };
  const watchKeys = (_: unknown, { signal }: { signal: AbortSignal }): AsyncGenerator<WatchKeysResponse> =>
    keys(signal);
  const handlers = Object.fromEntries(
    Object.keys(DirectoryServiceService).map((name) => [name, name === "watchKeys" ? watchKeys : unserved]),
  );
  const binding = implement(DirectoryServiceService, handlers as unknown as Handlers<typeof DirectoryServiceService>);
  const ring = new KeyRing({ serviceToken: SERVICE_TOKEN });
  return createServer({ name: "directory", bindings: [binding], authenticate: ring.authenticate, log });
}

async function* keys(signal: AbortSignal): AsyncGenerator<WatchKeysResponse> {
  yield { event: { $case: "snapshotStarted", value: {} } };
  yield key(ROOT_KEY, Role.ROLE_ROOT, "");
  for (const { id, key: secret } of [ACME, OTHER]) yield key(secret, Role.ROLE_ADMIN, id);
  yield { event: { $case: "synced", value: { revision: 1n } } };
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}

function key(secret: string, role: Role, organisationId: string): WatchKeysResponse {
  const secretSha256 = hash("sha256", secret, "buffer");
  const value = {
    id: `key_${role}_${organisationId}`,
    organisationId,
    parentId: "",
    name: "",
    role,
    prefix: "",
    path: undefined,
    allowedModels: [],
  };
  return {
    event: {
      $case: "key",
      value: { key: { ...value, expireTime: undefined, revokeTime: undefined, createTime: undefined }, secretSha256 },
    },
  };
}
