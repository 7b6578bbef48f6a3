import { access, readFile, rm, writeFile } from "node:fs/promises";
import { StartError } from "../../services/all/src/start-error.ts";
import { runCommand } from "../run-command.ts";
import type { ServerName } from "./binaries.ts";

const packages: Record<ServerName, string> = { postgres: "postgresql", redis: "redis-server", nats: "nats-server" };
const variables: Record<ServerName, string> = { postgres: "DATABASE_URL", redis: "REDIS_URL", nats: "NATS_URL" };

/** Debian asks this program whether an installed service may be started; 101 is its word for no. */
const policyFile = "/usr/sbin/policy-rc.d";

/**
 * Installs the packages of the missing servers and leaves none of them running as a service of the machine.
 * Where that cannot be done, one sentence says what to install.
 */
export async function installServers(missing: readonly ServerName[], say: (line: string) => void): Promise<void> {
  const wanted = missing.map((name) => packages[name]);
  if (!(await canInstall())) throw new StartError(adviceFor(missing));
  say(`installing ${wanted.join(", ")} with apt-get`);
  await withoutServices(async () => {
    await aptGet(["update"], missing);
    await aptGet(["install", "-y", "--no-install-recommends", ...wanted], missing);
  });
}

function adviceFor(missing: readonly ServerName[]): string {
  const names = missing.map((name) => packages[name]).join(" ");
  const urls = missing.map((name) => variables[name]).join(", ");
  return `Missing on this machine: ${missing.join(", ")}. Install them (on Debian or Ubuntu: sudo apt-get install ${names}) or set ${urls}.`;
}

async function canInstall(): Promise<boolean> {
  const release = await readFile("/etc/os-release", "utf8").catch(() => "");
  return process.getuid?.() === 0 && /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(release);
}

async function aptGet(args: readonly string[], missing: readonly ServerName[]): Promise<void> {
  const { exitCode, output } = await runCommand("apt-get", args, { env: { DEBIAN_FRONTEND: "noninteractive" } });
  if (exitCode === 0) return;
  const reason = output.trim().split("\n").at(-1);
  throw new StartError(`apt-get ${args[0]} failed (${reason}). ${adviceFor(missing)}`);
}

async function withoutServices(install: () => Promise<void>): Promise<void> {
  const hasPolicy = await access(policyFile).then(() => true, () => false);
  if (hasPolicy) return await install();
  await writeFile(policyFile, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    await install();
  } finally {
    await rm(policyFile, { force: true });
  }
}
