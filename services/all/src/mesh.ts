import { createAuditService } from "@alfred/audit";
import { createDirectoryService } from "@alfred/directory";
import { createEdgeService } from "@alfred/edge";
import { createGatewayService } from "@alfred/gateway";
import { Lifecycle } from "@alfred/lifecycle";
import { createMeteringService } from "@alfred/metering";
import { createRegistry, type Logger } from "@alfred/telemetry";
import { createWalletService } from "@alfred/wallet";
import type { Banner } from "./banner.ts";
import { readMeshConfig, type MeshConfig } from "./config.ts";
import { applyDemoBudget } from "./demo.ts";
import { openHome } from "./home.ts";
import { startParts, type Parts } from "./parts.ts";
import { loadSecrets, secretsFile } from "./secrets.ts";
import { StartError } from "./start-error.ts";
import { alfredVersion } from "./version.ts";

/** The six services in one process, ready; disposing stops them in reverse order. */
export interface Mesh extends AsyncDisposable {
  readonly banner: Banner;
}

/** Whom the mesh tells what. */
export interface MeshOutput {
  readonly log: Logger;
  /** Tells whoever waits what is being done. */
  readonly say: (line: string) => void;
}

/**
 * Starts the mesh on a data folder of its own.
 *
 * @throws StartError, ConfigError, ListenError and the like, each one sentence
 */
export async function startMesh(env: NodeJS.ProcessEnv, output: MeshOutput): Promise<Mesh> {
  const lifecycle = new Lifecycle({ log: output.log });
  try {
    return { banner: await start(env, lifecycle, output), [Symbol.asyncDispose]: () => lifecycle.stop() };
  } catch (error) {
    await lifecycle.stop();
    throw error;
  }
}

async function start(env: NodeJS.ProcessEnv, lifecycle: Lifecycle, { log, say }: MeshOutput): Promise<Banner> {
  const { folder: home } = await lifecycle.start("data folder", () => openHome(env["ALFRED_HOME"] || ".alfred"));
  const secrets = await loadSecrets(home, env);
  const settings = { ...env, ...secrets, ALFRED_HOME: home };
  // Read before anything starts, so that what is wrong with it shows at once.
  const { parts: given } = readMeshConfig(settings);
  const parts = await startParts(given, { home, lifecycle, log, say });
  const config = readMeshConfig({ ...settings, ALFRED_SIMULATOR_URL: parts.simulatorUrl });
  say("starting the services");
  const addresses = await startServices(config, parts, lifecycle, log);
  return {
    version: alfredVersion(),
    ...addresses,
    demoKey: secrets.ALFRED_DEMO_KEY,
    rootKeyHint: env["ALFRED_ROOT_KEY"] ? "as given in ALFRED_ROOT_KEY" : `in ${secretsFile(home)}`,
    model: "gpt-4o-mini",
    embedded: parts.embedded,
    real: parts.real,
  };
}

/** Starts the six, each after those that it calls; they meet in process, and everybody else over sockets. */
async function startServices(
  config: MeshConfig,
  { databaseUrl, bus, limiter }: Parts,
  lifecycle: Lifecycle,
  log: Logger,
): Promise<Pick<Banner, "edgeUrl" | "addresses">> {
  const registry = createRegistry({ processMetrics: true });
  const common = { databaseUrl, bus, log, registry };
  const directory = await lifecycle.start("directory", () => createDirectoryService(config.directory, common));
  const known = { ...common, directory: directory.transport };
  const metering = await lifecycle.start("metering", () => createMeteringService(config.metering, known));
  const wallet = await lifecycle.start("wallet", () => createWalletService(config.wallet, known));
  const audit = await lifecycle.start("audit", () => createAuditService(config.audit, known));
  const callees = { directory: directory.transport, metering: metering.transport, wallet: wallet.transport };
  const gateway = lifecycle.use("gateway", createGatewayService(config.gateway, { peers: callees, limiter, log, registry }));
  const peers = { ...callees, audit: audit.transport, gateway: gateway.transport };
  const edge = lifecycle.use("edge", createEdgeService(config.edge, { peers, log, registry }));
  const backends = { directory, metering, wallet, audit, gateway };
  const { host } = config.edge;
  const starts = Object.entries(backends).map(async ([name, service]) => [name, await startAt(host, name, service)] as const);
  const addresses = Object.fromEntries(await Promise.all(starts));
  const { serviceToken, demo } = config.directory;
  await Promise.all([gateway.ready, applyDemoBudget({ wallet: wallet.transport, serviceToken, demo })]);
  return { edgeUrl: `http://${await startAt(host, "edge", edge)}`, addresses };
}

/** Has a service listen; its address, or one sentence that names the variable to set. */
async function startAt(host: string, name: string, service: { start(): Promise<{ readonly port: number }> }): Promise<string> {
  try {
    return `${host}:${(await service.start()).port}`;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EADDRINUSE" && code !== "EACCES" && code !== "EADDRNOTAVAIL") throw error;
    const why = code === "EADDRINUSE" ? "is in use by another program" : `cannot be listened on (${code})`;
    throw new StartError(`The port of the ${name} ${why}; set ALFRED_${name.toUpperCase()}_PORT to another, or ALFRED_HOST.`);
  }
}
