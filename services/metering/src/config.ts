import type { EnvReader } from "@alfred/config";

/** What metering is told by its environment, however it is run. */
export interface MeteringConfig {
  host: string;
  /** 0 takes any free port. */
  port: number;
  /** What peers call with. */
  serviceToken: string;
  /** A JSON file with prices that replace or add to those of the price book. */
  pricesFile: string | undefined;
}

const MIN_TOKEN_LENGTH = 32;

/** Metering's own variables. */
export function readMeteringConfig(env: EnvReader): MeteringConfig {
  return {
    host: env.string("ALFRED_HOST", { fallback: "127.0.0.1" }),
    port: env.port("ALFRED_METERING_PORT", { fallback: 50_052 }),
    serviceToken: env.secret("ALFRED_SERVICE_TOKEN", { minLength: MIN_TOKEN_LENGTH }),
    pricesFile: env.string("ALFRED_PRICES_FILE", { fallback: undefined }),
  };
}
