import type { EnvReader } from "@alfred/config";
import { providerVariables } from "@alfred/directory";
import type { Lifecycle } from "@alfred/lifecycle";
import { InProcessBus, JetStreamBus, type EventBus } from "@alfred/nats";
import { createProviderSim } from "@alfred/provider-sim";
import { connectRedis, MemoryRateLimiter, RedisRateLimiter, type RateLimiter } from "@alfred/redis";
import type { Logger } from "@alfred/telemetry";
import { Client } from "pg";
import { startEmbeddedPostgres } from "./database.ts";
import { StartError } from "./start-error.ts";

/** How long a given database may take to answer at the start, in milliseconds. */
const CONNECT_MS = 5_000;

/** Which parts are given from outside, and whether embedded ones are allowed. */
export interface PartsConfig {
  readonly databaseUrl: string | undefined;
  readonly redisUrl: string | undefined;
  readonly natsUrl: string | undefined;
  /** Whether a provider is given, as by `OPENAI_API_KEY`, or a file that may give some. */
  readonly hasProvider: boolean;
  /** `ALFRED_ENV=production`: nothing embedded may stand in for a real part. */
  readonly isProduction: boolean;
}

/** What the services are built on, real or embedded. */
export interface Parts {
  readonly databaseUrl: string;
  readonly bus: EventBus;
  readonly limiter: RateLimiter;
  /** Where the simulator answers, where it stands in for a provider. */
  readonly simulatorUrl: string | undefined;
  readonly embedded: readonly string[];
  readonly real: readonly string[];
}

/** How parts are started. */
export interface PartsContext {
  readonly home: string;
  readonly lifecycle: Lifecycle;
  readonly log: Logger;
  /** Tells whoever waits what is being done. */
  readonly say: (line: string) => void;
}

/** The variables that decide which parts are embedded. */
export function readPartsConfig(env: EnvReader): PartsConfig {
  const isSet = (name: string): boolean => env.secret(name, { fallback: undefined }) !== undefined;
  return {
    databaseUrl: env.url("DATABASE_URL", { schemes: ["postgres", "postgresql"], fallback: undefined }),
    redisUrl: env.url("REDIS_URL", { schemes: ["redis", "rediss"], fallback: undefined }),
    natsUrl: env.url("NATS_URL", { schemes: ["nats", "tls"], fallback: undefined }),
    hasProvider: providerVariables.some(isSet),
    isProduction: env.oneOf("ALFRED_ENV", ["development", "production"], { fallback: "development" }) === "production",
  };
}

/**
 * Starts what is not given.
 *
 * @throws StartError where an embedded part cannot start, or production would get one
 */
export async function startParts(config: PartsConfig, context: PartsContext): Promise<Parts> {
  const { embedded, real } = kinds(config);
  if (config.isProduction && embedded.length > 0) {
    throw new StartError(`ALFRED_ENV is production, where nothing may be embedded; these are: ${embedded.join(", ")}.`);
  }
  const databaseUrl = config.databaseUrl === undefined ? await startDatabase(context) : await reachable(config.databaseUrl);
  const simulatorUrl = config.hasProvider ? undefined : await startSimulator(context);
  return { databaseUrl, simulatorUrl, bus: startBus(config, context), limiter: startLimiter(config, context), embedded, real };
}

function kinds({ databaseUrl, redisUrl, natsUrl, hasProvider }: PartsConfig): Pick<Parts, "embedded" | "real"> {
  const parts: [isGiven: boolean, real: string, embedded: string][] = [
    [databaseUrl !== undefined, "Postgres (DATABASE_URL)", "Postgres (from npm)"],
    [natsUrl !== undefined, "NATS (NATS_URL)", "events (in process)"],
    [redisUrl !== undefined, "Redis (REDIS_URL)", "rate limits (in memory)"],
    [hasProvider, "providers (as configured)", "provider (the bundled simulator)"],
  ];
  return {
    embedded: parts.flatMap(([isGiven, , name]) => (isGiven ? [] : [name])),
    real: parts.flatMap(([isGiven, name]) => (isGiven ? [name] : [])),
  };
}

async function startDatabase({ home, lifecycle, say }: PartsContext): Promise<string> {
  say("starting Postgres");
  return (await lifecycle.start("Postgres", () => startEmbeddedPostgres(home))).url;
}

/** A given database, once it has answered; what is wrong with the address shows best before anything else starts. */
async function reachable(url: string): Promise<string> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_MS });
  try {
    await client.connect();
    return url;
  } catch (error) {
    const why = error instanceof Error ? error.message || String(error) : String(error);
    throw new StartError(`The Postgres of DATABASE_URL cannot be reached (${why}); correct the variable, or start that server.`);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function startSimulator({ lifecycle, say }: PartsContext): Promise<string> {
  say("starting the provider simulator");
  const simulator = lifecycle.use("provider simulator", createProviderSim());
  return `${await simulator.listen("127.0.0.1", 0)}/v1`;
}

function startBus({ natsUrl }: PartsConfig, { lifecycle, log }: PartsContext): EventBus {
  const bus = natsUrl === undefined ? new InProcessBus({ log }) : new JetStreamBus({ url: natsUrl, name: "alfred", log });
  return lifecycle.use("event bus", bus);
}

function startLimiter({ redisUrl }: PartsConfig, { lifecycle, log }: PartsContext): RateLimiter {
  if (redisUrl === undefined) return new MemoryRateLimiter();
  const redis = lifecycle.use("Redis", connectRedis({ url: redisUrl, log }));
  return new RedisRateLimiter({ redis, log });
}
