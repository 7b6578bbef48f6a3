import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Banner } from "../../services/all/src/banner.ts";
import { openHome } from "../../services/all/src/home.ts";
import { loadSecrets, secretsFile } from "../../services/all/src/secrets.ts";
import { freePort } from "../../services/all/src/servers/free-port.ts";
import { StartError } from "../../services/all/src/start-error.ts";
import { repositoryRoot } from "../repository.ts";
import { startServers } from "../servers/index.ts";
import type { Servers } from "../servers/index.ts";
import { applyDemoBudgetOver } from "./demo.ts";
import { givenServers, hasProvider, meshEnvironment } from "./environment.ts";
import { MeshProcess } from "./mesh-process.ts";
import { refuseTakenPorts } from "./ports.ts";
import { untilReady } from "./readiness.ts";
import { addressOf, portOf, readyUrl, services, simulator } from "./table.ts";

/** Whom the mesh tells what. */
export interface MeshOutput {
  /** What is being done, and which process has ended. */
  readonly say: (line: string) => void;
  /** The lines of the processes, each with its name before it. */
  readonly print: (line: string) => void;
}

/** The six processes, ready; disposing stops them in reverse order, and after them the servers started here. */
export interface Mesh extends AsyncDisposable {
  readonly banner: Banner;
  readonly processes: readonly MeshProcess[];
}

/** Starts servers, simulator and services as far as the environment does not name them; a `StartError` says what failed. */
export async function startMesh(env: NodeJS.ProcessEnv, { say, print }: MeshOutput): Promise<Mesh> {
  refuseStandIns(env);
  await using stack = new AsyncDisposableStack();
  const home = stack.use(await openHome(env["ALFRED_HOME"] || ".alfred"));
  await refuseTakenPorts(env);
  const secrets = await loadSecrets(home.folder, env);
  say("starting Postgres, Redis and NATS as far as they are not given");
  const dataFolder = join(home.folder, "servers");
  const servers = stack.use(await startServers({ dataFolder, given: givenServers(env), say }));
  announceServers(servers, stack, say);
  const run = (name: string, entry: string, childEnv: NodeJS.ProcessEnv): MeshProcess => {
    const child = stack.use(new MeshProcess({ name, entry, env: childEnv, print }));
    void child.ended.then((end) => child.isStopping || say(`${name} has ended (${end}); the others go on`));
    return child;
  };
  const simulatorUrl = hasProvider(env) ? undefined : await startSimulator(env, run);
  const childEnv = meshEnvironment(env, { home: home.folder, secrets, servers, simulatorUrl });
  const processes = await startServices((name, entry) => run(name, entry, childEnv), env, say);
  await applyDemoBudgetOver(childEnv["ALFRED_WALLET_ADDRESS"] ?? "", childEnv);
  const banner = bannerOf(env, { home: home.folder, demoKey: secrets.ALFRED_DEMO_KEY, servers });
  const kept = stack.move();
  return { banner, processes, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** Starts each service once those that it calls are ready, so that none begins with complaints about its peers. */
async function startServices(
  run: (name: string, entry: string) => MeshProcess,
  env: NodeJS.ProcessEnv,
  say: (line: string) => void,
): Promise<readonly MeshProcess[]> {
  const processes: MeshProcess[] = [];
  const ready = new Map<string, Promise<void>>();
  for (const service of services) {
    const start = async (): Promise<void> => {
      await Promise.all(service.peers.flatMap((peer) => ready.get(peer) ?? []));
      say(`starting ${service.name}`);
      const child = run(service.name, service.entry);
      processes.push(child);
      await untilReady(child, readyUrl(service, env));
    };
    ready.set(service.name, start());
  }
  await Promise.all(ready.values());
  return processes;
}

type Run = (name: string, entry: string, env: NodeJS.ProcessEnv) => MeshProcess;

async function startSimulator(env: NodeJS.ProcessEnv, run: Run): Promise<string> {
  const { name, entry, port } = simulator;
  const chosen = env[port.variable] ? portOf(port, env) : await freePort();
  const address = `http://127.0.0.1:${chosen}`;
  const child = run(name, entry, { ...env, ALFRED_SIM_HOST: "127.0.0.1", [port.variable]: String(chosen) });
  await untilReady(child, `${address}/healthz`);
  return `${address}/v1`;
}

function announceServers(servers: Servers, stack: AsyncDisposableStack, say: (line: string) => void): void {
  let isStopping = false;
  stack.defer(() => {
    isStopping = true;
  });
  for (const [name, ended] of servers.started) void ended.then(() => isStopping || say(`${name} has ended; the others go on`));
}

function refuseStandIns(env: NodeJS.ProcessEnv): void {
  if (env["ALFRED_ENV"] !== "production") return;
  const missing = ["DATABASE_URL", "REDIS_URL", "NATS_URL"].filter((name) => !env[name]);
  if (!hasProvider(env)) missing.push("a provider's key, as OPENAI_API_KEY, or ALFRED_CONFIG_FILE");
  if (missing.length > 0) {
    throw new StartError(`ALFRED_ENV is production, where nothing may stand in for the real parts; set ${missing.join(", ")}.`);
  }
}

function bannerOf(env: NodeJS.ProcessEnv, parts: { home: string; demoKey: string; servers: Servers }): Banner {
  const { home, demoKey, servers } = parts;
  const at = Object.fromEntries(services.map((service) => [service.name, addressOf(service, env)]));
  const { edge, ...addresses } = at;
  const own = (name: "postgres" | "redis" | "nats", label: string, variable: string): string =>
    servers.started.has(name) ? `${label} (started here)` : `${label} (${variable})`;
  return {
    version: version(),
    edgeUrl: `http://${edge}`,
    addresses,
    demoKey,
    rootKeyHint: env["ALFRED_ROOT_KEY"] ? "as given in ALFRED_ROOT_KEY" : `in ${secretsFile(home)}`,
    model: "gpt-4o-mini",
    embedded: hasProvider(env) ? [] : ["provider (the bundled simulator)"],
    real: [
      own("postgres", "Postgres", "DATABASE_URL"),
      own("nats", "NATS", "NATS_URL"),
      own("redis", "Redis", "REDIS_URL"),
      ...(hasProvider(env) ? ["providers (as configured)"] : []),
    ],
  };
}

function version(): string {
  const manifest = JSON.parse(readFileSync(join(repositoryRoot, "package.json"), "utf8")) as { readonly version: string };
  return manifest.version;
}
