import { readEnv } from "@alfred/config";
import { Lifecycle, runProcess } from "@alfred/lifecycle";
import { JetStreamBus } from "@alfred/nats";
import { createRegistry, startMetricsServer } from "@alfred/telemetry";

import { readDirectoryConfig } from "./config.ts";
import { createDirectoryService } from "./service.ts";

await runProcess("directory", async ({ log }) => {
  const config = readEnv(process.env, (env) => ({
    directory: readDirectoryConfig(env),
    metricsPort: env.port("ALFRED_DIRECTORY_METRICS_PORT", { fallback: 9468 }),
    databaseUrl: env.url("DATABASE_URL", { schemes: ["postgres", "postgresql"] }),
    natsUrl: env.url("NATS_URL", { schemes: ["nats", "tls"] }),
  }));
  const { databaseUrl } = config;
  const { host } = config.directory;
  const lifecycle = new Lifecycle({ log });
  const bus = lifecycle.use("event bus", new JetStreamBus({ url: config.natsUrl, name: "alfred-directory", log }));
  const registry = createRegistry({ processMetrics: true });
  const parts = { databaseUrl, bus, log, registry };
  const directory = await lifecycle.start("directory", () => createDirectoryService(config.directory, parts));
  await directory.start();
  const ready = (): Promise<boolean> => directory.isReady();
  await lifecycle.start("metrics", () => startMetricsServer({ host, port: config.metricsPort, registry, ready }));
  return lifecycle;
});
