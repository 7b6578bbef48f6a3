/** The directory's environment, read in one place. */
import type { EnvReader } from "@alfred/config";
import { parseUsd } from "@alfred/money";

import { MIN_SECRET_LENGTH } from "./domain/key.ts";
import type { DemoTerms } from "./seed/demo.ts";
import type { ConfigFilePlace } from "./given/config-file.ts";
import type { Upstream } from "./given/given.ts";
import { accepted, readUpstreams } from "./seed/read-upstreams.ts";

/** What the service needs to know, however it is run. */
export interface DirectoryConfig {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** 32 bytes that seal the secrets of providers. */
  readonly masterKey: Uint8Array;
  /** The installation's key; undefined where there is none. */
  readonly rootKey: string | undefined;
  /** What peers call with. */
  readonly serviceToken: string;
  readonly demo: DemoTerms;
  /** The providers that the environment gives. */
  readonly upstreams: readonly Upstream[];
  /** The configuration file; undefined where there is none. */
  readonly file: ConfigFilePlace | undefined;
}

const DEFAULT_DEMO_BUDGET_NANOS = 10_000_000_000n;
const MASTER_KEY_BYTES = 32;

/** The directory's own variables; each problem is noted in the reader. */
export function readDirectoryConfig(env: EnvReader): DirectoryConfig {
  return {
    host: env.string("ALFRED_HOST", { fallback: "127.0.0.1" }),
    port: env.port("ALFRED_DIRECTORY_PORT", { fallback: 50_054 }),
    masterKey: env.custom("ALFRED_MASTER_KEY", {
      expected: "32 bytes as base64 or hex",
      parse: parseMasterKey,
      secret: true,
    }),
    rootKey: env.secret("ALFRED_ROOT_KEY", { minLength: MIN_SECRET_LENGTH, fallback: undefined }),
    serviceToken: env.serviceToken(),
    demo: {
      key: env.secret("ALFRED_DEMO_KEY", { minLength: MIN_SECRET_LENGTH, fallback: undefined }),
      budgetNanos: env.custom("ALFRED_DEMO_BUDGET_USD", {
        expected: "a decimal in dollars with at most nine places, such as 10.5",
        parse: (text) => accepted(parseUsd, text),
        fallback: DEFAULT_DEMO_BUDGET_NANOS,
      }),
    },
    upstreams: readUpstreams(env),
    file: readConfigFilePlace(env),
  };
}

function readConfigFilePlace(env: EnvReader): ConfigFilePlace | undefined {
  const path = env.string("ALFRED_CONFIG_FILE", { fallback: undefined });
  return path === undefined ? undefined : { path, variable: (name) => env.variable(name) };
}

function parseMasterKey(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, /^[0-9a-fA-F]{64}$/.test(text) ? "hex" : "base64");
  return bytes.length === MASTER_KEY_BYTES ? bytes : undefined;
}
