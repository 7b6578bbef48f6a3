import { readEnv } from "@alfred/config";
import { Lifecycle, runProcess } from "@alfred/lifecycle";
import { JetStreamBus } from "@alfred/nats";
import { socketTransport } from "@alfred/rpc";
import { createRegistry, startMetricsServer } from "@alfred/telemetry";

import { readAuditConfig } from "./config.ts";
import { createAuditService } from "./service.ts";

await runProcess("audit", async ({ log }) => {
  const config = readEnv(process.env, (env) => ({
    audit: readAuditConfig(env),
    metricsPort: env.port("ALFRED_AUDIT_METRICS_PORT", { fallback: 9469 }),
    databaseUrl: env.url("DATABASE_URL", { schemes: ["postgres", "postgresql"] }),
    natsUrl: env.url("NATS_URL", { schemes: ["nats", "tls"] }),
    directory: env.address("directory", { fallback: "127.0.0.1:50054" }),
  }));
  const { databaseUrl } = config;
  const { host } = config.audit;
  const lifecycle = new Lifecycle({ log });
  const bus = lifecycle.use("event bus", new JetStreamBus({ url: config.natsUrl, name: "alfred-audit", log }));
  const directory = lifecycle.use("the way to the directory", socketTransport({ address: config.directory }));
  const registry = createRegistry({ processMetrics: true });
  const parts = { databaseUrl, bus, directory, log, registry };
  const audit = await lifecycle.start("audit", () => createAuditService(config.audit, parts));
  await audit.start();
  const ready = (): Promise<boolean> => audit.isReady();
  await lifecycle.start("metrics", () => startMetricsServer({ host, port: config.metricsPort, registry, ready }));
  return lifecycle;
});
