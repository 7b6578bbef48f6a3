import { installDebianPackages } from "../debian-packages.ts";
import type { ServerName } from "./binaries.ts";

const packages: Record<ServerName, string> = { postgres: "postgresql", redis: "redis-server", nats: "nats-server" };
const variables: Record<ServerName, string> = { postgres: "DATABASE_URL", redis: "REDIS_URL", nats: "NATS_URL" };

/**
 * Installs the packages of the missing servers and leaves none of them running as a service of the machine.
 * Where that cannot be done, one sentence says what to install.
 */
export async function installServers(missing: readonly ServerName[], say: (line: string) => void): Promise<void> {
  await installDebianPackages(missing.map((name) => packages[name]), adviceFor(missing), say);
}

function adviceFor(missing: readonly ServerName[]): string {
  const names = missing.map((name) => packages[name]).join(" ");
  const urls = missing.map((name) => variables[name]).join(", ");
  return `Missing on this machine: ${missing.join(", ")}. Install them (on Debian or Ubuntu: sudo apt-get install ${names}) or set ${urls}.`;
}
