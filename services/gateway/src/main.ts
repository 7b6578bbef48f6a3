import { type EnvReader, readEnv } from "@alfred/config";
import { Lifecycle, runProcess } from "@alfred/lifecycle";
import { MemoryRateLimiter, type RateLimiter, RedisRateLimiter, connectRedis } from "@alfred/redis";
import { type Transport, socketTransport } from "@alfred/rpc";
import { type Logger, createRegistry, startMetricsServer } from "@alfred/telemetry";
import { readGatewayConfig } from "./config.ts";
import type { GatewayPeer } from "./context.ts";
import { createGatewayService } from "./service.ts";

/** Draining takes longer than a step usually may. */
const STOP_TIMEOUT_MS = 28_000;

await runProcess("gateway", async ({ log }) => {
  const config = readEnv(process.env, readProcessConfig);
  const { host } = config.gateway;
  const lifecycle = new Lifecycle({ log });
  const peers = openPeers(config.addresses, lifecycle);
  const limiter = openLimiter(config.redisUrl, log, lifecycle);
  const registry = createRegistry({ processMetrics: true });
  const gateway = lifecycle.use("gateway", createGatewayService(config.gateway, { peers, limiter, log, registry }), { timeoutMs: STOP_TIMEOUT_MS });
  await gateway.start();
  // As an ordinary end: what was admitted settles, and whoever runs the process sees that it ended.
  void gateway.superseded.then(() => process.kill(process.pid, "SIGTERM"));
  const ready = (): Promise<boolean> => gateway.isReady();
  await lifecycle.start("metrics", () => startMetricsServer({ host, port: config.metricsPort, registry, ready }));
  return lifecycle;
});

interface ProcessConfig {
  readonly gateway: ReturnType<typeof readGatewayConfig>;
  readonly metricsPort: number;
  readonly redisUrl: string | undefined;
  readonly addresses: Readonly<Record<GatewayPeer, string>>;
}

function readProcessConfig(env: EnvReader): ProcessConfig {
  // In production limits must hold across all gateways, so counting in memory is refused.
  const isProduction = env.string("ALFRED_ENV", { fallback: "" }) === "production";
  const redis = { schemes: ["redis", "rediss"] };
  return {
    gateway: readGatewayConfig(env),
    metricsPort: env.port("ALFRED_GATEWAY_METRICS_PORT", { fallback: 9_465 }),
    redisUrl: isProduction ? env.url("REDIS_URL", redis) : env.url("REDIS_URL", { ...redis, fallback: undefined }),
    addresses: {
      metering: env.address("metering", { fallback: "127.0.0.1:50052" }),
      wallet: env.address("wallet", { fallback: "127.0.0.1:50053" }),
      directory: env.address("directory", { fallback: "127.0.0.1:50054" }),
    },
  };
}

function openPeers(addresses: ProcessConfig["addresses"], lifecycle: Lifecycle): Record<GatewayPeer, Transport> {
  const open = (peer: GatewayPeer): Transport => lifecycle.use(`the way to the ${peer}`, socketTransport({ address: addresses[peer] }));
  return { wallet: open("wallet"), metering: open("metering"), directory: open("directory") };
}

function openLimiter(url: string | undefined, log: Logger, lifecycle: Lifecycle): RateLimiter {
  if (url === undefined) return new MemoryRateLimiter();
  const redis = lifecycle.use("redis", connectRedis({ url, log }));
  return new RedisRateLimiter({ redis, log });
}
