/** Reads the environment into typed configuration; every problem is told at once. */
import { ConfigError } from "./config-error.ts";
import { EnvReader } from "./env-reader.ts";
import type { Env } from "./env-reader.ts";

export { ConfigError } from "./config-error.ts";
export type { ConfigProblem } from "./config-error.ts";
export type { Custom, Env, EnvReader, Fallback } from "./env-reader.ts";

/**
 * What `read` makes of the environment. Throws a ConfigError that names every variable with a problem. `read` must
 * only put values together: one with a problem is undefined until the error is thrown.
 *
 *     const config = readEnv(process.env, (env) => ({
 *       port: env.port("ALFRED_WALLET_PORT", { fallback: 50_053 }),
 *       databaseUrl: env.url("DATABASE_URL", { schemes: ["postgres", "postgresql"] }),
 *       redisUrl: env.url("REDIS_URL", { schemes: ["redis", "rediss"], fallback: undefined }),
 *     }));
 */
export function readEnv<Config>(env: Env, read: (env: EnvReader) => Config): Config {
  const reader = new EnvReader(env);
  const config = read(reader);
  if (reader.problems.length > 0) throw new ConfigError(reader.problems);
  return config;
}
