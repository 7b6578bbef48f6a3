import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { EnvReader } from "@alfred/config";
import { STRATEGIES, type Strategy } from "./domain/candidate-order.ts";
import type { CallPolicy } from "./domain/next-step.ts";
import type { DepartureConfig } from "./exchange/departure.ts";
import type { GateConfig } from "./exchange/gate.ts";
import type { ShadowConfig } from "./exchange/shadows.ts";
import type { CheckConfig } from "./health/provider-checks.ts";
import type { MoneyConfig } from "./money/money-parts.ts";
import type { PatienceConfig } from "./providers/patience.ts";
import type { ProxyConfig, WayOutConfig } from "./providers/way-out.ts";

/** What the gateway is told by its environment. */
export interface GatewayConfig {
  readonly host: string;
  readonly port: number;
  /** What peers call with, and it calls its peers with. */
  readonly serviceToken: string;
  /** How long a request for a model may take, in milliseconds. */
  readonly requestTimeoutMs: number;
  readonly gate: GateConfig;
  readonly departure: DepartureConfig;
  readonly shadow: ShadowConfig;
  readonly money: MoneyConfig;
  readonly wayOut: WayOutConfig;
  readonly patience: PatienceConfig;
  readonly retry: CallPolicy;
  readonly checks: CheckConfig;
  /** How one of several deployments of a model is chosen. */
  readonly strategy: Strategy;
  /** How often it is looked what is due of batches, in milliseconds. */
  readonly keptLookMs: number;
}

const HOUR_MS = 3_600_000;
/** A hold outlives its request by so long, for a settlement that has to be tried again. */
const HOLD_MARGIN_MS = 300_000;
/** What is on this machine is reached directly, whatever proxy is set. */
const LOOPBACK = "localhost,127.0.0.1,::1";

/** Reads the gateway's own variables. */
export function readGatewayConfig(env: EnvReader): GatewayConfig {
  const requestTimeoutMs = milliseconds(env, "ALFRED_GATEWAY_REQUEST_TIMEOUT_MS", 600_000);
  return {
    host: env.string("ALFRED_HOST", { fallback: "127.0.0.1" }),
    port: env.port("ALFRED_GATEWAY_PORT", { fallback: 50_051 }),
    serviceToken: env.serviceToken(),
    requestTimeoutMs,
    gate: {
      maxInFlight: env.integer("ALFRED_GATEWAY_MAX_IN_FLIGHT", { fallback: 10_000, min: 1, max: 1_000_000 }),
      maxBacklog: env.integer("ALFRED_GATEWAY_MAX_BACKLOG", { fallback: 100_000, min: 1, max: 10_000_000 }),
    },
    departure: {
      drainMs: env.integer("ALFRED_GATEWAY_DRAIN_MS", { fallback: 5_000, min: 0, max: HOUR_MS }),
      maxDrains: env.integer("ALFRED_GATEWAY_MAX_DRAINS", { fallback: 256, min: 0, max: 100_000 }),
    },
    shadow: {
      maxShadows: env.integer("ALFRED_GATEWAY_MAX_SHADOWS", { fallback: 64, min: 0, max: 100_000 }),
      timeoutMs: milliseconds(env, "ALFRED_GATEWAY_SHADOW_TIMEOUT_MS", 120_000),
    },
    money: readMoney(env, requestTimeoutMs),
    wayOut: {
      maxConnections: env.integer("ALFRED_UPSTREAM_MAX_CONNECTIONS", { fallback: 1_024, min: 1, max: 100_000 }),
      connectTimeoutMs: milliseconds(env, "ALFRED_UPSTREAM_CONNECT_TIMEOUT_MS", 10_000),
      certificateAuthority: readAuthority(env),
      proxies: readProxies(env),
    },
    patience: {
      firstByteMs: milliseconds(env, "ALFRED_UPSTREAM_FIRST_BYTE_TIMEOUT_MS", 300_000),
      idleMs: milliseconds(env, "ALFRED_UPSTREAM_IDLE_TIMEOUT_MS", 120_000),
    },
    retry: readRetry(env),
    checks: {
      intervalMs: env.integer("ALFRED_UPSTREAM_CHECK_INTERVAL_MS", { fallback: 30_000, min: 0, max: HOUR_MS }),
      openIntervalMs: milliseconds(env, "ALFRED_UPSTREAM_CHECK_OPEN_INTERVAL_MS", 1_000),
      timeoutMs: milliseconds(env, "ALFRED_UPSTREAM_CHECK_TIMEOUT_MS", 2_000),
    },
    strategy: env.oneOf("ALFRED_GATEWAY_STRATEGY", STRATEGIES, { fallback: "weighted" }),
    keptLookMs: milliseconds(env, "ALFRED_GATEWAY_BATCH_LOOK_MS", 10_000),
  };
}

function readRetry(env: EnvReader): CallPolicy {
  return {
    maxAttempts: env.integer("ALFRED_UPSTREAM_MAX_ATTEMPTS", { fallback: 3, min: 1, max: 10 }),
    maxCalls: env.integer("ALFRED_UPSTREAM_MAX_CALLS", { fallback: 8, min: 1, max: 100 }),
    baseDelayMs: milliseconds(env, "ALFRED_UPSTREAM_RETRY_BASE_MS", 500),
    maxDelayMs: milliseconds(env, "ALFRED_UPSTREAM_RETRY_MAX_MS", 8_000),
    repeatsBilled: env.boolean("ALFRED_UPSTREAM_REPEAT_BILLED", { fallback: false }),
  };
}

function readMoney(env: EnvReader, requestTimeoutMs: number): MoneyConfig {
  return {
    journalFolder: env.string("ALFRED_GATEWAY_JOURNAL", { fallback: join(env.string("ALFRED_HOME", { fallback: ".alfred" }), "gateway") }),
    journalSync: env.oneOf("ALFRED_JOURNAL_SYNC", ["background", "always"], { fallback: "background" }),
    creditWaitMs: milliseconds(env, "ALFRED_GATEWAY_CREDIT_WAIT_MS", 5_000),
    leaseIdleMs: milliseconds(env, "ALFRED_GATEWAY_LEASE_IDLE_MS", 1_000),
    holdTtlMs: requestTimeoutMs + HOLD_MARGIN_MS,
    reserveTimeoutMs: 5_000,
    settleWaitMs: 2_000,
  };
}

function milliseconds(env: EnvReader, name: string, fallback: number): number {
  return env.integer(name, { fallback, min: 1, max: HOUR_MS });
}

function readAuthority(env: EnvReader): string | undefined {
  const expected = "the path of a file with certificates in PEM";
  return env.custom<string, undefined>("ALFRED_UPSTREAM_CA_FILE", { expected, parse: readPem, fallback: undefined });
}

function readPem(path: string): string | undefined {
  try {
    const text = readFileSync(path, "utf8");
    return text.includes("-----BEGIN CERTIFICATE-----") ? text : undefined;
  } catch {
    return undefined;
  }
}

/** Small letters come first, as with other programs. */
function readProxies(env: EnvReader): ProxyConfig {
  const read = (name: string): string | undefined => readProxy(env, name.toLowerCase()) ?? readProxy(env, name);
  const http = read("HTTP_PROXY");
  const except = env.string("no_proxy", { fallback: undefined }) ?? env.string("NO_PROXY", { fallback: "" });
  return { http, https: read("HTTPS_PROXY") ?? http, except: `${except},${LOOPBACK}` };
}

function readProxy(env: EnvReader, name: string): string | undefined {
  return env.url(name, { schemes: ["http", "https"], fallback: undefined });
}
