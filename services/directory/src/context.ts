import { fileURLToPath } from "node:url";

import { ConfigServiceService, DirectoryServiceService, KeptObjectServiceService } from "@alfred/contracts";
import type { EventBus } from "@alfred/nats";
import { createPool, Database, Listener, migrate, OutboxRelay } from "@alfred/postgres";
import type { DatabasePlace, DatabasePool } from "@alfred/postgres";
import { createServer, implement, KeyRing } from "@alfred/rpc";
import type { RpcServer, ServiceBinding } from "@alfred/rpc";
import type { Logger, MetricRegistry } from "@alfred/telemetry";

import type { DirectoryConfig } from "./config.ts";
import type { Directory } from "./domain/ports.ts";
import { Given } from "./given/given.ts";
import type { GivenNow } from "./given/given.ts";
import { createDirectoryMetrics } from "./metrics.ts";
import type { DirectoryMetrics } from "./metrics.ts";
import { claimKeptObjects } from "./rpc/claim-kept-objects.ts";
import { createDepartment } from "./rpc/create-department.ts";
import { createKeptObject } from "./rpc/create-kept-object.ts";
import { createKey } from "./rpc/create-key.ts";
import { createOrganisation } from "./rpc/create-organisation.ts";
import { createServiceAccount } from "./rpc/create-service-account.ts";
import { createTeam } from "./rpc/create-team.ts";
import { createUser } from "./rpc/create-user.ts";
import { deleteAlias } from "./rpc/delete-alias.ts";
import { deleteDeployment } from "./rpc/delete-deployment.ts";
import { deleteKeptObject } from "./rpc/delete-kept-object.ts";
import { deleteProvider } from "./rpc/delete-provider.ts";
import { deleteRouteRule } from "./rpc/delete-route-rule.ts";
import { getKeptObject } from "./rpc/get-kept-object.ts";
import { getKey } from "./rpc/get-key.ts";
import { getNode } from "./rpc/get-node.ts";
import { listAliases } from "./rpc/list-aliases.ts";
import { listDeployments } from "./rpc/list-deployments.ts";
import type { KeptRecord } from "./rpc/kept-record.ts";
import { listKeptObjects } from "./rpc/list-kept-objects.ts";
import { listKeys } from "./rpc/list-keys.ts";
import { listNodes } from "./rpc/list-nodes.ts";
import { listOrganisations } from "./rpc/list-organisations.ts";
import { listProviders } from "./rpc/list-providers.ts";
import { listRouteRules } from "./rpc/list-route-rules.ts";
import { putAlias } from "./rpc/put-alias.ts";
import { putDeployment } from "./rpc/put-deployment.ts";
import { putProvider } from "./rpc/put-provider.ts";
import { putRouteRule } from "./rpc/put-route-rule.ts";
import { revokeKey } from "./rpc/revoke-key.ts";
import { setKeyAllowedModels } from "./rpc/set-key-allowed-models.ts";
import { setNodeAllowedModels } from "./rpc/set-node-allowed-models.ts";
import { updateKeptObject } from "./rpc/update-kept-object.ts";
import { watchConfig } from "./rpc/watch-config.ts";
import { watchKeys } from "./rpc/watch-keys.ts";
import { followChanges } from "./store/change-stream.ts";
import { CHANGE_CHANNEL } from "./store/changes.ts";
import { createKeptObjects } from "./store/kept-objects.ts";
import { Mutations } from "./store/mutations.ts";
import { createReader } from "./store/reader.ts";
import { SecretBox } from "./store/secret-box.ts";
import { createWrite } from "./write.ts";

/** What whoever composes the mesh hands to the directory. */
export interface DirectoryParts {
  readonly databaseUrl: string;
  /** Where the outbox is published to. */
  readonly bus: EventBus;
  readonly log: Logger;
  readonly registry: MetricRegistry;
  /** Milliseconds since the epoch; the system's clock unless given. */
  readonly now?: () => number;
}

/** All that the service is made of. */
export interface DirectoryContext extends Directory {
  readonly database: Database;
  readonly mutations: Mutations;
  readonly secrets: SecretBox;
  readonly pool: DatabasePool;
  readonly listener: Listener;
  readonly metrics: DirectoryMetrics;
  /** What the file and the environment give now. */
  readonly given: GivenNow;
  readonly keys: KeyRing;
  readonly server: RpcServer;
  startRelay(): OutboxRelay;
}

const SCHEMA = "directory";
const MIGRATIONS = fileURLToPath(new URL("store/migrations", import.meta.url));

/** Connections for calls, one for the outbox's relay and one for the listener. */
const MAX_CONNECTIONS = 12;

/** Brings the database up to date and puts the service together. */
export async function createContext(config: DirectoryConfig, parts: DirectoryParts): Promise<DirectoryContext> {
  const { databaseUrl, bus, log, registry, now = Date.now } = parts;
  const place: DatabasePlace = { url: databaseUrl, schema: SCHEMA, role: `alfred_${SCHEMA}` };
  await migrate({ ...place, directory: MIGRATIONS, outbox: true, log });
  await using cleanup = new AsyncDisposableStack();
  const pool = cleanup.use(createPool({ ...place, log, maxConnections: MAX_CONNECTIONS }));
  const database = new Database(pool);
  const listener = cleanup.use(new Listener({ pool, channel: CHANGE_CHANNEL, log }));
  const mutations = new Mutations(database.transact, now);
  const secrets = new SecretBox(config.masterKey);
  const metrics = createDirectoryMetrics(registry);
  const given: GivenNow = { current: new Given(config.upstreams, config.file?.path ?? "") };
  const directory: Directory = {
    reader: createReader(database),
    write: createWrite({ mutations, metrics, secrets, given }),
    follow: (topic, revision, signal) => followChanges({ sql: database, listener }, topic, revision, signal),
    secrets,
  };
  // Its keys come from its own database, which it cannot lose sight of without failing each call anyway.
  const keys = new KeyRing({ serviceToken: config.serviceToken, now, staleAfterMs: Number.POSITIVE_INFINITY });
  const server = createServer({
    name: SCHEMA,
    bindings: [...bindings(directory, metrics), keptBinding({ kept: createKeptObjects(database), now })],
    authenticate: keys.authenticate,
    registry,
    log,
    now,
  });
  cleanup.move();
  const startRelay = (): OutboxRelay =>
    new OutboxRelay({ pool, schema: SCHEMA, publish: (event) => bus.publish(event), log });
  return { ...directory, database, mutations, secrets, pool, listener, metrics, given, keys, server, startRelay };
}

function bindings(directory: Directory, metrics: DirectoryMetrics): ServiceBinding[] {
  return [
    implement(DirectoryServiceService, {
      createOrganisation: (request, call) => createOrganisation(directory, request, call),
      listOrganisations: (request, call) => listOrganisations(directory, request, call),
      createDepartment: (request, call) => createDepartment(directory, request, call),
      createTeam: (request, call) => createTeam(directory, request, call),
      createUser: (request, call) => createUser(directory, request, call),
      createServiceAccount: (request, call) => createServiceAccount(directory, request, call),
      getNode: (request, call) => getNode(directory, request, call),
      listNodes: (request, call) => listNodes(directory, request, call),
      setNodeAllowedModels: (request, call) => setNodeAllowedModels(directory, request, call),
      createKey: (request, call) => createKey(directory, request, call),
      getKey: (request, call) => getKey(directory, request, call),
      listKeys: (request, call) => listKeys(directory, request, call),
      setKeyAllowedModels: (request, call) => setKeyAllowedModels(directory, request, call),
      revokeKey: (request, call) => revokeKey(directory, request, call),
      watchKeys: (request, call) => metrics.watched("keys", watchKeys(directory, request, call.signal)),
    }),
    implement(ConfigServiceService, {
      putProvider: (request, call) => putProvider(directory, request, call),
      listProviders: (request) => listProviders(directory, request),
      deleteProvider: (request, call) => deleteProvider(directory, request, call),
      putDeployment: (request, call) => putDeployment(directory, request, call),
      listDeployments: (request) => listDeployments(directory, request),
      deleteDeployment: (request, call) => deleteDeployment(directory, request, call),
      putAlias: (request, call) => putAlias(directory, request, call),
      listAliases: (request) => listAliases(directory, request),
      deleteAlias: (request, call) => deleteAlias(directory, request, call),
      putRouteRule: (request, call) => putRouteRule(directory, request, call),
      listRouteRules: (request) => listRouteRules(directory, request),
      deleteRouteRule: (request, call) => deleteRouteRule(directory, request, call),
      watchConfig: (request, call) => metrics.watched("config", watchConfig(directory, request, call.signal)),
    }),
  ];
}

function keptBinding(record: KeptRecord): ServiceBinding {
  return implement(KeptObjectServiceService, {
    createKeptObject: (request) => createKeptObject(record, request),
    getKeptObject: (request) => getKeptObject(record, request),
    listKeptObjects: (request) => listKeptObjects(record, request),
    updateKeptObject: (request) => updateKeptObject(record, request),
    deleteKeptObject: (request) => deleteKeptObject(record, request),
    claimKeptObjects: (request) => claimKeptObjects(record, request),
  });
}
