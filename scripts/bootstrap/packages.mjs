import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { explain } from "./npm.mjs";
import { root } from "./paths.mjs";
import { runShowing, say } from "./progress.mjs";
import { Refusal } from "./refusal.mjs";
import { pinnedNode, pinnedPnpm } from "./tools.mjs";

const stampFile = join(root, "node_modules", ".alfred-packages");

/** What a scope asks of pnpm: the tools of development are more than half of the download. */
const scopes = { all: [], start: ["--prod", "--filter", "@alfred/all..."] };

/** Whether what is installed fits the lockfile and the manifests; what is there for all will do for `start`. */
export function hasPackages(scope) {
  if (scope === "none") return true;
  const { installedScope, digest, folders = [] } = readStamp();
  const fits = installedScope === "all" || installedScope === scope;
  return fits && digest === currentDigest() && folders.every((folder) => existsSync(join(root, folder)));
}

/**
 * The lockfile names every package with its checksum and was held against the age of releases when it was made, so
 * that looking all of them up once more buys nothing; many look-ups at once have cost a minute behind a weak resolver.
 */
const settings = [
  "--frozen-lockfile",
  "--reporter=append-only",
  "--network-concurrency=8",
  "--config.fetch-retries=2",
  "--config.fetch-retry-mintimeout=1000",
  "--config.fetch-retry-maxtimeout=3000",
  "--config.minimumReleaseAge=0",
  "--config.update-notifier=false",
  "--config.confirmModulesPurge=false",
];

export async function installPackages(scope) {
  // Once all of it was installed, an outdated install is brought up to date whole.
  const wanted = readStamp().installedScope === "all" ? "all" : scope;
  say(wanted === "all" ? "installing packages" : "installing the packages that the services need");
  rmSync(stampFile, { force: true });
  const args = [pinnedPnpm, "install", ...settings, ...scopes[wanted]];
  const { exitCode, output } = await runShowing(pinnedNode(), args, { cwd: root, env: pnpmEnvironment() });
  if (exitCode !== 0) throw new Refusal(explain("pnpm", output));
  mkdirSync(dirname(stampFile), { recursive: true });
  const stamp = { installedScope: wanted, digest: currentDigest(), folders: dependencyFolders() };
  writeFileSync(stampFile, JSON.stringify(stamp));
}

/** NODE_ENV=production would make pnpm leave things out; install scripts must find the pinned Node. */
function pnpmEnvironment() {
  const env = { ...process.env, PATH: `${dirname(pinnedNode())}${delimiter}${process.env.PATH}` };
  delete env.NODE_ENV;
  return env;
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(stampFile, "utf8"));
  } catch {
    return {};
  }
}

function currentDigest() {
  const hash = createHash("sha256");
  for (const file of ["pnpm-lock.yaml", "pnpm-workspace.yaml", ...manifests()]) {
    hash.update(`${file}\0`).update(readFileSync(join(root, file))).update("\0");
  }
  return hash.digest("hex");
}

function manifests() {
  const members = ["packages", "services"].flatMap((folder) =>
    readdirSync(join(root, folder)).toSorted().map((name) => join(folder, name, "package.json")),
  );
  return ["package.json", ...members.filter((file) => existsSync(join(root, file)))];
}

/** The folders of dependencies that an install made; one that is gone later means that someone removed it. */
function dependencyFolders() {
  return manifests()
    .map((file) => join(dirname(file), "node_modules"))
    .filter((folder) => existsSync(join(root, folder)));
}
