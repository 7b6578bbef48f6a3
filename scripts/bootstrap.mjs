// Runs a command of the repository on a machine that has only git, Node 20 and npm: installs the pinned Node and
// pnpm into .tools, then the packages, each only when it changed, and hands over to TypeScript on the pinned Node.
// Plain JavaScript without dependencies, since nothing is installed yet when it starts.
import { commands, usage } from "./bootstrap/commands.mjs";
import { withLock } from "./bootstrap/lock.mjs";
import { hasPackages, installPackages } from "./bootstrap/packages.mjs";
import { Refusal } from "./bootstrap/refusal.mjs";
import { handOver } from "./bootstrap/hand-over.mjs";
import { hasTools, installTools, pinnedNode, pinnedPnpm, platformPackage } from "./bootstrap/tools.mjs";

const oldestNode = 20;

async function main([name, ...rest]) {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < oldestNode) {
    throw new Refusal(`Alfred needs Node ${oldestNode} or newer to start; this is Node ${process.versions.node}.`);
  }
  const command = commands[name];
  if (command === undefined) throw new Refusal(usage);
  platformPackage();
  await prepare(command.packages);
  const args = command.entry === undefined ? [pinnedPnpm, ...rest] : [command.entry, ...(command.args || []), ...rest];
  return handOver(pinnedNode(), args);
}

/** The usual case, everything in place, costs no lock and a few milliseconds. */
async function prepare(scope) {
  if (hasTools() && hasPackages(scope)) return;
  await withLock(async () => {
    if (!hasTools()) await installTools();
    if (!hasPackages(scope)) await installPackages(scope);
  });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Refusal ? error.message : error);
  process.exitCode = 1;
}
