import table from "../services.json" with { type: "json" };
import { StartError } from "../../services/all/src/start-error.ts";

/** A port that a variable may move. */
export interface PortSetting {
  readonly variable: string;
  readonly default: number;
}

/** One service of the mesh; the one table is scripts/services.json. */
export interface ServiceEntry {
  readonly name: string;
  /** The file that runs it, from the repository's root. */
  readonly entry: string;
  readonly protocol: "grpc" | "http";
  readonly port: PortSetting;
  /** Serves /metrics, /healthz and /ready. */
  readonly metricsPort: PortSetting;
  readonly servers: readonly ("postgres" | "redis" | "nats")[];
  readonly peers: readonly string[];
}

/** The six services in the order in which they are started. */
export const services = table.services as readonly ServiceEntry[];

/** The stand-in for a provider, which runs where no provider is given. */
export const simulator: Pick<ServiceEntry, "name" | "entry" | "port"> = table.simulator;

/** Runs Postgres, Redis and NATS where the services are started one by one. */
export const servers: Pick<ServiceEntry, "name" | "entry" | "metricsPort"> = table.servers;

const highestPort = 65_535;

/** The port that a setting comes to in an environment; the mesh must know it, so 0 is refused. */
export function portOf(setting: PortSetting, env: NodeJS.ProcessEnv): number {
  const text = env[setting.variable] ?? "";
  if (text === "") return setting.default;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port > 0 && port <= highestPort) return port;
  throw new StartError(`${setting.variable} is "${text}"; it must be a port from 1 to ${highestPort}.`);
}

/** Where a process of this machine reaches what listens on `ALFRED_HOST`. */
export function reachableHost(env: NodeJS.ProcessEnv): string {
  const host = env["ALFRED_HOST"] || "127.0.0.1";
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
}

/** The address of a service as its peers need it. */
export function addressOf({ port }: Pick<ServiceEntry, "port">, env: NodeJS.ProcessEnv): string {
  return `${reachableHost(env)}:${portOf(port, env)}`;
}

/** Answers 200 when the service can do its work. */
export function readyUrl({ metricsPort }: Pick<ServiceEntry, "metricsPort">, env: NodeJS.ProcessEnv): string {
  return `http://${reachableHost(env)}:${portOf(metricsPort, env)}/ready`;
}
