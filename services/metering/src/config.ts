import type { EnvReader } from "@alfred/config";

/** What metering is told by its environment, however it is run. */
export interface MeteringConfig {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** What peers call with. */
  readonly serviceToken: string;
  /** A JSON file with prices that replace or add to those of the price book. */
  readonly pricesFile: string | undefined;
}

/** Metering's own variables. */
export function readMeteringConfig(env: EnvReader): MeteringConfig {
  return {
    host: env.string("ALFRED_HOST", { fallback: "127.0.0.1" }),
    port: env.port("ALFRED_METERING_PORT", { fallback: 50_052 }),
    serviceToken: env.serviceToken(),
    pricesFile: env.string("ALFRED_PRICES_FILE", { fallback: undefined }),
  };
}
