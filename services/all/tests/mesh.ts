import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../src/servers/free-port.ts";
import { createProviderSim, type ProviderSim } from "@alfred/provider-sim";

/** The two ways to run the mesh, as a user starts them. */
export type Mode = "one process" | "six processes";

const ENTRY: Record<Mode, string> = {
  "one process": fileURLToPath(new URL("../src/main.ts", import.meta.url)),
  "six processes": fileURLToPath(new URL("../../../scripts/mesh.ts", import.meta.url)),
};

const SERVICES = ["EDGE", "GATEWAY", "METERING", "WALLET", "DIRECTORY", "AUDIT"] as const;
type Service = (typeof SERVICES)[number];
/** What gets a free port: `ALFRED_EDGE_PORT`, and `ALFRED_EDGE_METRICS_PORT` where the service is a process. */
const PORTS = SERVICES.flatMap((service) => [service, `${service}_METRICS`] as const);
type Ports = Readonly<Record<(typeof PORTS)[number], number>>;

/** Costs a thousandth of a dollar a request, whatever is said: worst case and cost are the same. */
export const FLAT_MODEL = "flat-1";
export const FLAT_PRICE_NANOS = 1_000_000n;

export const DEMO_BUDGET_USD = "25";
const ROOT_KEY = "root-key-of-the-whole-mesh-tests-0001";
const DEMO_KEY = "demo-key-of-the-whole-mesh-tests-0001";
const START_TIMEOUT_MS = 120_000;

/** The key that the provider simulator asks for. */
export const UPSTREAM_KEY = "upstream-key-0123456789";

/** What a mesh has beside the usual; all of it optional. */
interface MeshOptions {
  /** Variables of its environment, given where the provider simulator listens. */
  readonly environment?: (simulatorUrl: string) => NodeJS.ProcessEnv;
  /** Prices beside that of the flat model, as a price file has them. */
  readonly prices?: readonly object[];
}

/** A running mesh, seen from outside: addresses, keys, and the provider behind it. */
export class Mesh implements AsyncDisposable {
  readonly mode: Mode;
  readonly home: string;
  readonly provider: ProviderSim;
  readonly rootKey = ROOT_KEY;
  readonly demoKey = DEMO_KEY;
  readonly #ports: Ports;
  readonly #environment: NodeJS.ProcessEnv;
  #child: ChildProcess;
  #output: string[] = [];

  private constructor(mode: Mode, made: { home: string; provider: ProviderSim; ports: Ports; environment: NodeJS.ProcessEnv }) {
    this.mode = mode;
    this.home = made.home;
    this.provider = made.provider;
    this.#ports = made.ports;
    this.#environment = made.environment;
    this.#child = this.#spawn();
  }

  /** Starts a mesh of its own: free ports, an empty folder, a provider simulator as its upstream. */
  static async start(mode: Mode, { environment: more = () => ({}), prices = [] }: MeshOptions = {}): Promise<Mesh> {
    const provider = createProviderSim({ apiKeys: [UPSTREAM_KEY] });
    const home = await mkdtemp(join(tmpdir(), "alfred mesh "));
    const ports = Object.fromEntries(await freePorts(PORTS)) as Ports;
    const upstream = await provider.listen("127.0.0.1", 0);
    // Checks would be among the requests that tests count.
    const simulated = { OPENAI_BASE_URL: `${upstream}/v1`, OPENAI_API_KEY: UPSTREAM_KEY, ALFRED_UPSTREAM_CHECK_INTERVAL_MS: "0" };
    const files = { ALFRED_PRICES_FILE: await writePrices(home, prices), ALFRED_CONFIG_FILE: await writeConfig(home) };
    const environment = { ...baseEnvironment(ports), ALFRED_HOME: home, ...simulated, ...files, ...more(upstream) };
    const mesh = new Mesh(mode, { home, provider, ports, environment });
    await mesh.#untilReady();
    return mesh;
  }

  get edgeUrl(): string {
    return `http://127.0.0.1:${this.#ports.EDGE}`;
  }

  /** Its configuration file, which gives nothing at the start. */
  get configFile(): string {
    return this.#environment["ALFRED_CONFIG_FILE"] ?? "";
  }

  /** The gRPC address of a service. */
  address(service: Service): string {
    return `127.0.0.1:${this.#ports[service]}`;
  }

  /** All that the mesh has printed so far. */
  get output(): string {
    return this.#output.join("");
  }

  /** Interrupts the mesh as Ctrl-C does; its exit code. */
  async interrupt(): Promise<number | null> {
    const exit = once(this.#child, "exit");
    this.#child.kill("SIGINT");
    const [code] = (await exit) as [number | null];
    return code;
  }

  /** Starts the mesh again on the same folder. */
  async restart(changes: NodeJS.ProcessEnv = {}): Promise<void> {
    Object.assign(this.#environment, changes);
    this.#output = [];
    this.#child = this.#spawn();
    await this.#untilReady();
  }

  /** Runs a second mesh on the same folder and ports until it ends; what it said and its exit code. */
  async second(changes: NodeJS.ProcessEnv = {}): Promise<{ output: string; code: number | null }> {
    const child = spawn(process.execPath, [ENTRY[this.mode]], { env: { ...this.#environment, ...changes } });
    const output: string[] = [];
    child.stdout.on("data", (data: Buffer) => output.push(data.toString()));
    child.stderr.on("data", (data: Buffer) => output.push(data.toString()));
    const [code] = (await once(child, "close")) as [number | null];
    return { output: output.join(""), code };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null) await this.interrupt();
    await this.provider[Symbol.asyncDispose]();
    await rm(this.home, { recursive: true, force: true });
  }

  #spawn(): ChildProcess {
    const child = spawn(process.execPath, [ENTRY[this.mode]], { env: this.#environment, stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.on("data", (data: Buffer) => this.#output.push(data.toString()));
    child.stderr.on("data", (data: Buffer) => this.#output.push(data.toString()));
    return child;
  }

  /** Ready is when the banner stands and the demo key is answered. */
  async #untilReady(): Promise<void> {
    const giveUp = AbortSignal.timeout(START_TIMEOUT_MS);
    while (!this.output.includes("curl") || !(await this.#answers())) {
      if (giveUp.aborted || this.#child.exitCode !== null) throw new Error(`The mesh did not start:\n${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async #answers(): Promise<boolean> {
    const headers = { authorization: `Bearer ${DEMO_KEY}` };
    const answer = await fetch(`${this.edgeUrl}/v1/models`, { headers }).catch(() => undefined);
    await answer?.body?.cancel();
    return answer?.ok ?? false;
  }
}

function baseEnvironment(ports: Ports): NodeJS.ProcessEnv {
  const { DATABASE_URL: _database, REDIS_URL: _redis, NATS_URL: _nats, ...inherited } = process.env;
  const named = Object.entries(ports).map(([service, port]) => [`ALFRED_${service}_PORT`, String(port)]);
  return {
    ...inherited,
    ...(Object.fromEntries(named) as NodeJS.ProcessEnv),
    ALFRED_ROOT_KEY: ROOT_KEY,
    ALFRED_DEMO_KEY: DEMO_KEY,
    ALFRED_DEMO_BUDGET_USD: DEMO_BUDGET_USD,
    ALFRED_GATEWAY_BATCH_LOOK_MS: "500",
  };
}

async function writePrices(home: string, more: readonly object[]): Promise<string> {
  const path = join(home, "prices.json");
  const flat = { provider: "openai", model: FLAT_MODEL, meters: { requests: "1000", input_tokens: "0", output_tokens: "0" }, max_output_tokens: 4096 };
  await writeFile(path, JSON.stringify({ prices: [flat, ...more] }));
  return path;
}

async function writeConfig(home: string): Promise<string> {
  const path = join(home, "config.yaml");
  await writeFile(path, "{}\n");
  return path;
}

/** Free ports that differ from each other. */
async function freePorts<Name extends string>(names: readonly Name[]): Promise<[Name, number][]> {
  const ports = new Set<number>();
  while (ports.size < names.length) ports.add(await freePort());
  const found = [...ports];
  return names.map((name, index) => [name, found[index] ?? 0]);
}
