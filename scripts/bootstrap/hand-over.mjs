import { spawn } from "node:child_process";
import { constants } from "node:os";
import { delimiter, dirname } from "node:path";
import { root } from "./paths.mjs";

const signals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];
const echoMs = 1_000;

/**
 * Runs the pinned Node to its end and resolves with its exit code. Ctrl-C reaches a process from the terminal and
 * once more from npm, which passes it on; the child leads a group of its own and hears of each such pair once.
 */
export function handOver(node, args) {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` };
    const child = spawn(node, args, { cwd: root, env, stdio: "inherit", detached: process.platform !== "win32" });
    const heardAt = new Map();
    for (const signal of signals) {
      process.on(signal, () => {
        const now = performance.now();
        const isEcho = now - (heardAt.get(signal) ?? -Infinity) < echoMs;
        heardAt.set(signal, now);
        if (!isEcho) child.kill(signal);
      });
    }
    child.on("error", reject);
    child.on("exit", (exitCode, signal) => resolve(exitCode === null ? 128 + constants.signals[signal] : exitCode));
  });
}
