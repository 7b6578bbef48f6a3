import { readEnv } from "@alfred/config";
import { Lifecycle, runProcess } from "@alfred/lifecycle";
import { JetStreamBus } from "@alfred/nats";
import { socketTransport } from "@alfred/rpc";
import { createRegistry, startMetricsServer } from "@alfred/telemetry";
import { readWalletConfig } from "./config.ts";
import { createWalletService } from "./service.ts";

await runProcess("wallet", async ({ log }) => {
  const config = readEnv(process.env, (env) => ({
    wallet: readWalletConfig(env),
    metricsPort: env.port("ALFRED_WALLET_METRICS_PORT", { fallback: 9467 }),
    databaseUrl: env.url("DATABASE_URL", { schemes: ["postgres", "postgresql"] }),
    natsUrl: env.url("NATS_URL", { schemes: ["nats", "tls"] }),
    directory: env.address("directory", { fallback: "127.0.0.1:50054" }),
  }));
  const { databaseUrl } = config;
  const { host } = config.wallet;
  const lifecycle = new Lifecycle({ log });
  const bus = lifecycle.use("event bus", new JetStreamBus({ url: config.natsUrl, name: "alfred-wallet", log }));
  const directory = lifecycle.use("the way to the directory", socketTransport({ address: config.directory }));
  const registry = createRegistry({ processMetrics: true });
  const parts = { databaseUrl, bus, directory, log, registry };
  const wallet = await lifecycle.start("wallet", () => createWalletService(config.wallet, parts));
  await wallet.start();
  const ready = (): Promise<boolean> => wallet.isReady();
  await lifecycle.start("metrics", () => startMetricsServer({ host, port: config.metricsPort, registry, ready }));
  return lifecycle;
});
