import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { runShowing } from "./progress.mjs";
import { Refusal } from "./refusal.mjs";

/** Settings that a person's npm configuration may turn around, each said explicitly. */
const settings = [
  "--ignore-scripts",
  "--global=false",
  "--location=project",
  "--workspaces=false",
  "--include=optional",
  "--include=prod",
  "--dry-run=false",
  "--package-lock=false",
  "--package-lock-only=false",
  "--install-strategy=hoisted",
  "--engine-strict=false",
  "--audit=false",
  "--fund=false",
  "--update-notifier=false",
  "--json=false",
  "--loglevel=error",
  `--os=${process.platform}`,
  `--cpu=${process.arch}`,
  // The versions are pinned, so that a wish for packages of a certain age has nothing to choose from.
  "--before=2999-01-01",
  "--prefer-offline",
  "--fetch-retries=2",
  "--fetch-retry-mintimeout=1000",
  "--fetch-retry-maxtimeout=3000",
];

/** Installs packages into a folder with the npm of this machine. */
export async function runNpm(folder, packages) {
  const [file, ...first] = npmCommand();
  const args = [...first, "install", "--prefix", folder, ...settings, ...packages];
  const { exitCode, output } = await runShowing(file, args, { cwd: folder, quiet: true }).catch((error) => {
    if (error.code !== "ENOENT") throw error;
    throw new Refusal("npm was not found; install it (it comes with Node from nodejs.org) and start again.");
  });
  if (exitCode !== 0) throw new Refusal(explain("npm", output));
}

/** One sentence for a failed install, from what the installer said. */
export function explain(installer, output) {
  const network = /E(NOTFOUND|AI_AGAIN|CONNREFUSED|CONNRESET|TIMEDOUT|NETUNREACH|HOSTUNREACH)|ERR_SOCKET_TIMEOUT|dns error|error sending request/.exec(
    output,
  );
  if (network !== null) {
    return `${installer} cannot reach its registry (${network[0]}); check the network, or npm's proxy and registry settings, and start again.`;
  }
  if (/ENOSPC/.test(output)) return `${installer} found no space left on the disk; make room and start again.`;
  return `${installer} failed:\n${output.trim().split("\n").slice(-15).join("\n")}`;
}

/** npm through the Node that runs us, which needs no shell; by its name only where its program was not found. */
function npmCommand() {
  const candidates = [
    process.env.npm_execpath,
    join(dirname(process.execPath), "..", "lib", "node_modules", "npm", "bin", "npm-cli.js"),
    join(dirname(process.execPath), "node_modules", "npm", "bin", "npm-cli.js"),
  ];
  const found = candidates.find((file) => file && basename(file) === "npm-cli.js" && existsSync(file));
  return found === undefined ? ["npm"] : [process.execPath, found];
}
