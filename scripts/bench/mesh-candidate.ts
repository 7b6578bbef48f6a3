import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { services } from "../mesh/table.ts";
import { repositoryRoot } from "../repository.ts";
import { candidate, type Candidate, type CandidateName } from "./candidate.ts";
import { cpuMicrosBelow } from "./cpu-time.ts";

const ENTRIES = { "one process": "services/all/src/main.ts", "six processes": "scripts/mesh.ts" };
const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 60_000;
const POLL_MS = 50;
const KEPT_OUTPUT = 8_000;

export const ROOT_KEY = "root-key-of-the-bench-0000000000000001";
export const DEMO_KEY = "demo-key-of-the-bench-0000000000000001";
/** So high that no request is refused for want of money. */
const BUDGET_USD = "1000000";

/** A mesh as a user starts it, on an empty folder and free ports, with the bench's upstream as its provider. */
export interface MeshCandidate extends AsyncDisposable {
  readonly candidate: Candidate;
  /** Its gateway, called as its edge does; its CPU time is that of the gateway's process. */
  readonly gateway: Candidate | undefined;
  /** The directory's gRPC address. */
  readonly directoryAddress: string;
}

/** How a mesh is started. */
export interface MeshOptions {
  readonly name: keyof typeof ENTRIES;
  /** The work tree that it runs from; this one unless stated. */
  readonly before?: string | undefined;
  readonly upstream: string;
  /** Where each process leaves a CPU profile when it ends; none without it. */
  readonly profileFolder: string | undefined;
  /** Variables besides those that every mesh of the bench has. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** Starts a mesh and waits until it answers. @throws Error with what it said, where it does not start */
export async function startMeshCandidate(options: MeshOptions): Promise<MeshCandidate> {
  await using stack = new AsyncDisposableStack();
  const home = await mkdtemp(join(tmpdir(), "alfred-bench-"));
  stack.defer(() => rm(home, { recursive: true, force: true }));
  const ports = await freePorts();
  const env = { ...environment(options), ALFRED_HOME: home, ...ports };
  const root = options.before ?? repositoryRoot;
  const child = spawn(process.execPath, [join(root, ENTRIES[options.name])], { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
  stack.defer(() => stop(child));
  const output = outputOf(child);
  const origin = `http://127.0.0.1:${ports["ALFRED_EDGE_PORT"]}`;
  await untilAnswering(child, origin, output);
  const kept = stack.move();
  const pid = child.pid ?? 0;
  return {
    candidate: candidate(nameOf(options.name, options), origin, DEMO_KEY, pid),
    gateway: options.name === "one process" ? undefined : gatewayOf(options, `127.0.0.1:${ports["ALFRED_GATEWAY_PORT"]}`, pid),
    directoryAddress: `127.0.0.1:${ports["ALFRED_DIRECTORY_PORT"]}`,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** The gateway's process alone, of those below the mesh's. */
function gatewayOf(options: MeshOptions, origin: string, pid: number): Candidate {
  const cpu = (): Map<string, number> => new Map([...cpuMicrosBelow(pid)].filter(([name]) => name === "gateway"));
  return { name: nameOf("gateway alone", options), origin, key: DEMO_KEY, cpu };
}

function nameOf(name: keyof typeof ENTRIES | "gateway alone", { before }: MeshOptions): CandidateName {
  return before === undefined ? name : `${name}, before`;
}

/** Nothing of the caller's that would change what is measured: no servers, no proxies, no tracing. */
function environment({ upstream, profileFolder, env }: MeshOptions): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  return {
    PATH,
    HOME,
    ALFRED_ROOT_KEY: ROOT_KEY,
    ALFRED_DEMO_KEY: DEMO_KEY,
    ALFRED_DEMO_BUDGET_USD: BUDGET_USD,
    OPENAI_BASE_URL: `${upstream}/v1`,
    OPENAI_API_KEY: "upstream-key-of-the-bench",
    ...env,
    ...(profileFolder === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profileFolder}` }),
  };
}

/** All held at once, so that they differ. */
async function freePorts(): Promise<Record<string, string>> {
  const settings = services.flatMap(({ port, metricsPort }) => [port, metricsPort]);
  const servers = settings.map(() => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return Object.fromEntries(settings.map(({ variable }, index) => [variable, String(ports[index])]));
}

function outputOf(child: ChildProcess): () => string {
  let text = "";
  const keep = (data: Buffer): void => {
    text = (text + data.toString()).slice(-KEPT_OUTPUT);
  };
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  return () => text;
}

async function untilAnswering(child: ChildProcess, origin: string, output: () => string): Promise<void> {
  const giveUp = AbortSignal.timeout(START_TIMEOUT_MS);
  while (!output().includes("Try it:") || !(await answers(origin))) {
    if (giveUp.aborted || child.exitCode !== null) throw new Error(`The mesh did not start:\n${output()}`);
    await delay(POLL_MS);
  }
}

async function answers(origin: string): Promise<boolean> {
  const response = await fetch(`${origin}/v1/models`, { headers: { authorization: `Bearer ${DEMO_KEY}` } }).catch(() => undefined);
  await response?.body?.cancel();
  return response?.ok ?? false;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(timer);
}
