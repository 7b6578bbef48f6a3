// Keeps one server process for as long as the process that started it lives. It holds that process' pipe as its
// stdin: when the pipe ends, because the server is no longer wanted or because its owner was killed, it stops the
// server. It leads a session of its own, so that Ctrl-C at the terminal reaches the owner and not the server.
import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { keeperOrder } from "./keeper-order.ts";

const graceMs = 15_000;
const order = keeperOrder(process.argv[2] ?? "");

const server = spawn(order.file, order.args, {
  cwd: order.cwd,
  stdio: ["ignore", "inherit", "inherit"],
  ...(order.account === undefined ? {} : { uid: order.account.uid, gid: order.account.gid }),
});

server.on("error", (error) => {
  process.stderr.write(`${order.file} did not start: ${error.message}\n`);
  process.exit(1);
});
server.on("exit", (exitCode) => {
  if (order.removeAfter !== undefined) rmSync(order.removeAfter, { recursive: true, force: true });
  process.exit(exitCode ?? 1);
});

process.stdin.resume().on("close", () => {
  server.kill(order.stopSignal);
  setTimeout(() => server.kill("SIGKILL"), graceMs);
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => server.kill(order.stopSignal));
