import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { toolsFolder } from "./paths.mjs";
import { say } from "./progress.mjs";
import { Refusal } from "./refusal.mjs";

const lockFile = join(toolsFolder, "lock");
const pollMs = 200;
const patienceMs = 600_000;

/** Does the work while no other bootstrap of this clone installs. The lock of a process that died is taken over. */
export async function withLock(work) {
  await take();
  try {
    return await work();
  } finally {
    rmSync(lockFile, { force: true });
  }
}

async function take() {
  mkdirSync(toolsFolder, { recursive: true });
  for (let waitedMs = 0; !tryTake(); waitedMs += pollMs) {
    if (waitedMs === 0) say("waiting for another start that is installing");
    if (waitedMs > patienceMs) throw new Refusal(`Another start has been installing for long; if none runs, remove ${lockFile}.`);
    dropIfStale();
    await delay(pollMs);
  }
}

function tryTake() {
  try {
    writeFileSync(lockFile, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw new Refusal(`The folder ${toolsFolder} cannot be written (${error.code}).`);
  }
}

/** Renamed before it is removed, so that of two who find it stale only one removes it. */
function dropIfStale() {
  try {
    const pid = Number(readFileSync(lockFile, "utf8"));
    if (pid === 0 || isAlive(pid)) return;
    renameSync(lockFile, `${lockFile}-${process.pid}`);
    rmSync(`${lockFile}-${process.pid}`, { force: true });
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
