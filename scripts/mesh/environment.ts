import type { Secrets } from "../../services/all/src/secrets.ts";
import { providerVariables } from "../../services/directory/src/index.ts";
import type { ServerUrls } from "../servers/index.ts";
import { addressOf, services } from "./table.ts";

/** What every process of one mesh shares. */
export interface MeshParts {
  /** The data folder, absolute. */
  readonly home: string;
  readonly secrets: Secrets;
  readonly servers: ServerUrls;
  /** Undefined where a provider is given. */
  readonly simulatorUrl: string | undefined;
}

/**
 * The environment of the services: the caller's, with the shared secrets, the servers, each peer's address where it is
 * not given, and the simulator where it stands in. What is logged is what goes wrong, as with `npm start`.
 */
export function meshEnvironment(env: NodeJS.ProcessEnv, parts: MeshParts): NodeJS.ProcessEnv {
  const addresses = services.map((service) => [addressVariable(service.name), addressOf(service, env)] as const);
  return {
    ALFRED_LOG_LEVEL: "warn",
    ...Object.fromEntries(addresses),
    ...withoutEmpty(env),
    ALFRED_HOME: parts.home,
    ...parts.secrets,
    DATABASE_URL: parts.servers.databaseUrl,
    REDIS_URL: parts.servers.redisUrl,
    NATS_URL: parts.servers.natsUrl,
    ...(parts.simulatorUrl === undefined ? {} : { ALFRED_SIMULATOR_URL: parts.simulatorUrl }),
  };
}

/** The variable that tells peers where a service is. */
export function addressVariable(name: string): string {
  return `ALFRED_${name.toUpperCase()}_ADDRESS`;
}

/** Whether a real provider is given, so that no simulator is needed. */
export function hasProvider(env: NodeJS.ProcessEnv): boolean {
  return providerVariables.some((name) => Boolean(env[name]));
}

/** The servers that the environment names. */
export function givenServers(env: NodeJS.ProcessEnv): Partial<ServerUrls> {
  const { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, NATS_URL: natsUrl } = env;
  return { ...(databaseUrl && { databaseUrl }), ...(redisUrl && { redisUrl }), ...(natsUrl && { natsUrl }) };
}

/** An empty variable counts as not set everywhere, so it must not hide a default either. */
function withoutEmpty(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
}
