import { readEnv } from "@alfred/config";
import { Lifecycle, runProcess } from "@alfred/lifecycle";
import { JetStreamBus } from "@alfred/nats";
import { socketTransport } from "@alfred/rpc";
import { createRegistry, startMetricsServer } from "@alfred/telemetry";
import { readMeteringConfig } from "./config.ts";
import { createMeteringService } from "./service.ts";

await runProcess("metering", async ({ log }) => {
  const config = readEnv(process.env, (env) => ({
    metering: readMeteringConfig(env),
    metricsPort: env.port("ALFRED_METERING_METRICS_PORT", { fallback: 9466 }),
    databaseUrl: env.url("DATABASE_URL", { schemes: ["postgres", "postgresql"] }),
    natsUrl: env.url("NATS_URL", { schemes: ["nats", "tls"] }),
    directory: env.address("directory", { fallback: "127.0.0.1:50054" }),
  }));
  const { databaseUrl } = config;
  const { host } = config.metering;
  const lifecycle = new Lifecycle({ log });
  const bus = lifecycle.use("event bus", new JetStreamBus({ url: config.natsUrl, name: "alfred-metering", log }));
  const directory = lifecycle.use("the way to the directory", socketTransport({ address: config.directory }));
  const registry = createRegistry({ processMetrics: true });
  const parts = { databaseUrl, bus, directory, log, registry };
  const metering = await lifecycle.start("metering", () => createMeteringService(config.metering, parts));
  await metering.start();
  const ready = (): Promise<boolean> => metering.isReady();
  await lifecycle.start("metrics", () => startMetricsServer({ host, port: config.metricsPort, registry, ready }));
  return lifecycle;
});
