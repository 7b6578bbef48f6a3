import { createWriteStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { loadSecrets } from "../../services/all/src/secrets.ts";
import type { Secrets } from "../../services/all/src/secrets.ts";
import { freePort } from "../../services/all/src/servers/free-port.ts";
import { StartError } from "../../services/all/src/start-error.ts";
import { meshEnvironment } from "../mesh/environment.ts";
import { addressOf, readyUrl, services, type ServiceEntry } from "../mesh/table.ts";
import { startServers } from "../servers/index.ts";
import { KillablePostgres } from "./killable-postgres.ts";
import { Supervised } from "./supervised.ts";

/** Costs a thousandth of a dollar a request, whatever is said: worst case and cost are the same. */
export const FLAT_MODEL = "flat-1";
export const FLAT_PRICE_NANOS = 1_000_000n;
/** Costs a dollar for a thousand tokens of the answer and nothing for the prompt: the worst case is the limit asked for. */
export const METERED_MODEL = "metered-1";
export const METERED_TOKEN_NANOS = 1_000_000n;

const READY_TIMEOUT_MS = 60_000;
const POLL_MS = 50;

export interface ClusterOptions {
  /** Takes data, journals and logs. */
  readonly folder: string;
  /** The provider's address, without `/v1`. */
  readonly upstream: string;
  /** How many gateways, each with an edge of its own. */
  readonly gateways: number;
  /** Set for every service. */
  readonly env?: NodeJS.ProcessEnv;
  /** Set for one gateway alone, by its number from 1. */
  readonly gatewayEnv?: (number: number) => NodeJS.ProcessEnv;
  /** What the services know each other by; a new one unless stated. */
  readonly serviceToken?: string;
}

/** The mesh as processes with several gateways, each behind an edge of its own, on real servers; any may be killed. */
export class Cluster implements AsyncDisposable {
  readonly postgres: KillablePostgres;
  readonly secrets: Secrets;
  /** The edges' URLs, the first gateway's first. */
  readonly edges: readonly string[];
  readonly #members: ReadonlyMap<string, Member>;
  readonly #stack: AsyncDisposableStack;

  private constructor(made: { postgres: KillablePostgres; secrets: Secrets; members: ReadonlyMap<string, Member>; stack: AsyncDisposableStack }) {
    this.postgres = made.postgres;
    this.secrets = made.secrets;
    this.#members = made.members;
    this.#stack = made.stack;
    this.edges = [...made.members].filter(([name]) => name.startsWith("edge-")).map(([, { address }]) => `http://${address}`);
  }

  /** Starts servers and services; resolves when all can do their work. */
  static async start(options: ClusterOptions): Promise<Cluster> {
    await using stack = new AsyncDisposableStack();
    const { folder } = options;
    const data = join(folder, "servers");
    await mkdir(data, { recursive: true });
    await mkdir(join(folder, "logs"), { recursive: true });
    const postgres = stack.use(await KillablePostgres.start(data));
    const servers = stack.use(await startServers({ dataFolder: data, given: { databaseUrl: postgres.url } }));
    const secrets = await loadSecrets(folder, { ALFRED_SERVICE_TOKEN: options.serviceToken });
    const prices = await writePrices(folder);
    const ports = await portsOf(services);
    const common = {
      PATH: process.env["PATH"], HOME: process.env["HOME"], ...ports, ALFRED_PRICES_FILE: prices, ALFRED_DEMO_BUDGET_USD: "1000000",
      OPENAI_BASE_URL: `${options.upstream}/v1`, OPENAI_API_KEY: "upstream-key-of-the-cluster", ...options.env,
    };
    const env = meshEnvironment(common, { home: folder, secrets, servers, simulatorUrl: undefined });
    const members = new Map<string, Member>();
    const cluster = new Cluster({ postgres, secrets, members, stack });
    for (const wave of await wavesOf(options, env)) {
      for (const plan of wave) members.set(plan.name, startMember(plan, folder, stack));
      await cluster.untilReady();
    }
    return new Cluster({ postgres, secrets, members, stack: stack.move() });
  }

  /** A process by its name: "wallet", "gateway-1", "edge-2". */
  process(name: string): Supervised {
    return this.#member(name).process;
  }

  /** Where a service listens, "127.0.0.1:40001". */
  address(name: string): string {
    return this.#member(name).address;
  }

  /** Where a service tells its metrics. */
  metricsUrl(name: string): string {
    return this.#member(name).metricsUrl;
  }

  get processes(): readonly Supervised[] {
    return [...this.#members.values()].map((member) => member.process);
  }

  /** @throws StartError where one of them is not ready in time */
  async untilReady(): Promise<void> {
    const deadline = performance.now() + READY_TIMEOUT_MS;
    for (const { process } of this.#members.values()) {
      while (!(await process.isReady())) {
        if (performance.now() > deadline) throw new StartError(`${process.name} is not ready within ${READY_TIMEOUT_MS / 1_000} s.`);
        await delay(POLL_MS);
      }
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }

  #member(name: string): Member {
    const member = this.#members.get(name);
    if (member === undefined) throw new RangeError(`No process is called ${name}.`);
    return member;
  }
}

interface Member {
  readonly address: string;
  readonly metricsUrl: string;
  readonly process: Supervised;
}

interface MemberPlan {
  readonly name: string;
  readonly service: ServiceEntry;
  readonly env: NodeJS.ProcessEnv;
  readonly address: string;
}

/** What is started together, once all before it is ready. */
async function wavesOf({ gateways, folder, gatewayEnv }: ClusterOptions, env: NodeJS.ProcessEnv): Promise<MemberPlan[][]> {
  const one = (name: string): MemberPlan => planOf(name, name, env);
  const numbers = Array.from({ length: gateways }, (_, index) => index + 1);
  const found = await Promise.all(numbers.map(async (number) => {
    const own = { ...env, ...(await portsOf(services.filter(({ name }) => name === "gateway" || name === "edge"))) };
    const gatewayOwn = { ...own, ALFRED_GATEWAY_JOURNAL: join(folder, `journal-${number}`), ...gatewayEnv?.(number) };
    const gateway = planOf(`gateway-${number}`, "gateway", gatewayOwn);
    return { gateway, edge: planOf(`edge-${number}`, "edge", { ...own, ALFRED_GATEWAY_ADDRESS: gateway.address }) };
  }));
  return [[one("directory")], [one("metering"), one("wallet"), one("audit")], found.map(({ gateway }) => gateway), found.map(({ edge }) => edge)];
}

function planOf(name: string, serviceName: string, env: NodeJS.ProcessEnv): MemberPlan {
  const service = services.find((each) => each.name === serviceName);
  if (service === undefined) throw new RangeError(`No service is called ${serviceName}.`);
  return { name, service, env, address: addressOf(service, env) };
}

function startMember({ name, service, env, address }: MemberPlan, folder: string, stack: AsyncDisposableStack): Member {
  const log = createWriteStream(join(folder, "logs", `${name}.log`), { flags: "a" });
  const print = (line: string): void => void log.write(`${new Date().toISOString()} ${line}\n`);
  const url = readyUrl(service, env);
  const process = stack.use(new Supervised({ name, entry: service.entry, env, readyUrl: url, print }));
  return { address, metricsUrl: url.replace(/ready$/, "metrics"), process };
}

async function portsOf(entries: readonly ServiceEntry[]): Promise<Record<string, string>> {
  const settings = entries.flatMap(({ port, metricsPort }) => [port, metricsPort]);
  const ports = new Set<number>();
  while (ports.size < settings.length) ports.add(await freePort());
  return Object.fromEntries([...ports].map((port, index) => [settings[index]?.variable ?? "", String(port)]));
}

async function writePrices(folder: string): Promise<string> {
  const path = join(folder, "prices.json");
  const flat = { provider: "openai", model: FLAT_MODEL, meters: { requests: "1000", input_tokens: "0", output_tokens: "0" }, max_output_tokens: 4_096 };
  const metered = { provider: "openai", model: METERED_MODEL, meters: { input_tokens: "0", output_tokens: "1000" }, max_output_tokens: 4_096 };
  await writeFile(path, JSON.stringify({ prices: [flat, metered] }));
  return path;
}
