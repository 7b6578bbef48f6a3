import { readEnv } from "@alfred/config";
import { Lifecycle, runProcess } from "@alfred/lifecycle";
import { checkHealth, socketTransport, type Transport } from "@alfred/rpc";
import { createRegistry, startMetricsServer } from "@alfred/telemetry";
import { readEdgeConfig } from "./config.ts";
import type { Peer } from "./context.ts";
import { createEdgeService } from "./service.ts";

await runProcess("edge", async ({ log }) => {
  const config = readEnv(process.env, (env) => ({
    edge: readEdgeConfig(env),
    metricsPort: env.port("ALFRED_EDGE_METRICS_PORT", { fallback: 9464 }),
    addresses: {
      gateway: env.address("gateway", { fallback: "127.0.0.1:50051" }),
      metering: env.address("metering", { fallback: "127.0.0.1:50052" }),
      wallet: env.address("wallet", { fallback: "127.0.0.1:50053" }),
      directory: env.address("directory", { fallback: "127.0.0.1:50054" }),
      audit: env.address("audit", { fallback: "127.0.0.1:50055" }),
    },
  }));
  const lifecycle = new Lifecycle({ log });
  const entries = Object.entries(config.addresses).map(([peer, address]) => {
    return [peer, lifecycle.use(`the way to ${peer}`, socketTransport({ address }))];
  });
  const peers = Object.fromEntries(entries) as Record<Peer, Transport>;
  const registry = createRegistry({ processMetrics: true });
  const edge = lifecycle.use("edge", createEdgeService(config.edge, { peers, log, registry }));
  await edge.start();
  const { host } = config.edge;
  await lifecycle.start("metrics", () => startMetricsServer({ host, port: config.metricsPort, registry, ready: () => checkHealth(peers.gateway) }));
  return lifecycle;
});
