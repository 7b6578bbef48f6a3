import { access, readFile, rm, writeFile } from "node:fs/promises";
import { StartError } from "../services/all/src/start-error.ts";
import { runCommand } from "./run-command.ts";

/** Debian asks this program whether an installed service may be started; 101 is its word for no. */
const policyFile = "/usr/sbin/policy-rc.d";

/**
 * Installs packages of Debian's, or of a system made from it, and leaves no service of theirs running. Where that cannot
 * be done, the advice is what the user is told.
 *
 * @param advice sentences that say what is missing and how to get it
 * @throws StartError
 */
export async function installDebianPackages(packages: readonly string[], advice: string, say: (line: string) => void): Promise<void> {
  if (!(await canInstall())) throw new StartError(advice);
  say(`installing ${packages.join(", ")} with apt-get`);
  await withoutServices(async () => {
    await aptGet(["update"], advice);
    await aptGet(["install", "-y", "--no-install-recommends", ...packages], advice);
  });
}

async function canInstall(): Promise<boolean> {
  const release = await readFile("/etc/os-release", "utf8").catch(() => "");
  return process.getuid?.() === 0 && /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(release);
}

async function aptGet(args: readonly string[], advice: string): Promise<void> {
  const { exitCode, output } = await runCommand("apt-get", args, { env: { DEBIAN_FRONTEND: "noninteractive" } });
  if (exitCode === 0) return;
  const reason = output.trim().split("\n").at(-1);
  throw new StartError(`apt-get ${args[0]} failed (${reason}). ${advice}`);
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
