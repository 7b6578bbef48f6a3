import { spawn } from "node:child_process";

const heartbeatMs = 10_000;

/** One line on what is being done; on stderr, since stdout belongs to the command. */
export function say(line) {
  process.stderr.write(`alfred: ${line}\n`);
}

/** Runs an installer, shows what it says unless `quiet`, and a line now and then while it says nothing. */
export function runShowing(file, args, { cwd, env, quiet }) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env: env || process.env, stdio: ["ignore", "pipe", "pipe"] });
    const startedAt = Date.now();
    const heartbeat = setInterval(() => say(`still at it (${Math.round((Date.now() - startedAt) / 1000)} s)`), heartbeatMs);
    let output = "";
    const collect = (text) => {
      output += text;
      if (!quiet) process.stderr.write(text);
    };
    child.stdout.setEncoding("utf8").on("data", collect);
    child.stderr.setEncoding("utf8").on("data", collect);
    child.on("error", (error) => {
      clearInterval(heartbeat);
      reject(error);
    });
    child.on("close", (exitCode) => {
      clearInterval(heartbeat);
      resolve({ exitCode: exitCode === null ? 1 : exitCode, output });
    });
  });
}
