import { readEnv } from "@alfred/config";
import { Lifecycle, runProcess } from "@alfred/lifecycle";
import { socketTransport, type Transport } from "@alfred/rpc";
import { createRegistry, startMetricsServer } from "@alfred/telemetry";
import { readEdgeConfig } from "./config.ts";
import type { EdgePeer } from "./context.ts";
import { createEdgeService } from "./service.ts";

/** Answers under way may take longer to end than a step usually may. */
const STOP_TIMEOUT_MS = 15_000;

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
  const { host } = config.edge;
  const lifecycle = new Lifecycle({ log });
  const peers = openPeers(config.addresses, lifecycle);
  const registry = createRegistry({ processMetrics: true });
  const edge = lifecycle.use("edge", createEdgeService(config.edge, { peers, log, registry }), { timeoutMs: STOP_TIMEOUT_MS });
  await edge.start();
  const ready = (): Promise<boolean> => edge.isReady();
  await lifecycle.start("metrics", () => startMetricsServer({ host, port: config.metricsPort, registry, ready }));
  return lifecycle;
});

function openPeers(addresses: Readonly<Record<EdgePeer, string>>, lifecycle: Lifecycle): Record<EdgePeer, Transport> {
  const open = (peer: EdgePeer): Transport => lifecycle.use(`the way to the ${peer}`, socketTransport({ address: addresses[peer] }));
  return { gateway: open("gateway"), metering: open("metering"), wallet: open("wallet"), directory: open("directory"), audit: open("audit") };
}
